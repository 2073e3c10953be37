// A data connection (data_connection.hpp) for coroutines.
//
//     data_channel to = co_await channel_to("store", 5s, "upload", name);
//     co_await to.write(bytes);
//     for (;;) {
//       std::string more = co_await to.read();
//       if (more.empty()) break;                 the other side has closed
//       …
//     }
//
// The other end:
//
//     me.define_data("upload", [](std::string name, data_connection c) -> task<> {
//       data_channel from(c);
//       …
//     });
//
// It takes the callbacks of the connection over, in the running port. It may be moved; destroying it aborts the connection,
// unless close() was called. One coroutine at a time reads, and one writes.
//
// read() gives all bytes that have come, at least one; "" when the other side has closed and there are no more. write()
// sends, and goes on when no more than data_connection::enough bytes wait. Both throw failure when the connection has
// broken, with the names of data_connection::on_closed; write() also when the other side has closed (`ended`). Nothing is
// read from the connection while bytes wait for read().
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <aemp/data_connection.hpp>
#include <aemp/task.hpp>
#include <aemp/time_span.hpp>
#include <aemp/view.hpp>

namespace aemp {

namespace detail {

// What the callbacks of the connection share with the channel.
struct channel_state {
  data_connection connection;
  std::string arrived = {};
  bool paused = false;
  bool has_room = true;
  std::optional<std::string> end = {};  // why; "": closed by the other side
  waiting_place reader = {}, writer = {};

  std::string take() {
    if (std::exchange(paused, false)) connection.pause(false);
    return std::exchange(arrived, {});
  }
  [[noreturn]] void fail(const std::string& why) const {
    const std::size_t colon = why.find(": ");
    if (colon == why.npos) throw failure(message(why));
    throw failure(message(why.substr(0, colon), why.substr(colon + 2)));
  }
};

class channel_awaiter {
 public:
  channel_awaiter(channel_awaiter&& other) noexcept : state_(std::move(other.state_)) {}  // before it begins
  channel_awaiter& operator=(channel_awaiter&&) = delete;

 protected:
  explicit channel_awaiter(std::shared_ptr<channel_state> s) noexcept : state_(std::move(s)) {}
  ~channel_awaiter() {
    if (place_ != nullptr) place_->leave();
  }
  template <class P>
  void wait(waiting_place& place, std::coroutine_handle<P> h) {
    place.wait(strand_of(h), h);
    place_ = &place;
  }
  void over() noexcept { place_ = nullptr; }

  std::shared_ptr<channel_state> state_;

 private:
  waiting_place* place_ = nullptr;
};

class [[nodiscard]] read_awaiter final : public channel_awaiter {
 public:
  explicit read_awaiter(std::shared_ptr<channel_state> s) noexcept : channel_awaiter(std::move(s)) {}
  bool await_ready() const noexcept { return !state_->arrived.empty() || state_->end; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    wait(state_->reader, h);
  }
  std::string await_resume() {
    over();
    if (state_->arrived.empty() && state_->end && !state_->end->empty()) state_->fail(*state_->end);
    return state_->take();
  }
};

class [[nodiscard]] write_awaiter final : public channel_awaiter {
 public:
  explicit write_awaiter(std::shared_ptr<channel_state> s) noexcept : channel_awaiter(std::move(s)) {}
  bool await_ready() const noexcept { return state_->has_room || state_->end; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    wait(state_->writer, h);
  }
  void await_resume() {
    over();
    if (state_->end) state_->fail(state_->end->empty() ? "ended: the other side has closed" : *state_->end);
  }
};

}  // namespace detail

class data_channel {
 public:
  explicit data_channel(data_connection connection)
      : state_(new detail::channel_state{std::move(connection)}) {
    const std::weak_ptr<detail::channel_state> weak = state_;
    state_->connection.listen({.data =
                                   [weak](std::string_view data) {
                                     const auto s = weak.lock();
                                     if (s == nullptr) return;
                                     s->arrived += data;
                                     s->reader.go_on();
                                     // So the end waits for the reader, too.
                                     if (!s->arrived.empty() && !std::exchange(s->paused, true))
                                       s->connection.pause(true);
                                   },
                               .closed =
                                   [weak](const std::string& why) {
                                     const auto s = weak.lock();
                                     if (s == nullptr) return;
                                     s->end = why;
                                     s->reader.go_on();
                                     s->writer.go_on();
                                   },
                               .drained =
                                   [weak] {
                                     const auto s = weak.lock();
                                     if (s == nullptr) return;
                                     s->has_room = true;
                                     s->writer.go_on();
                                   }});
  }
  data_channel(data_channel&&) noexcept = default;
  data_channel& operator=(data_channel&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~data_channel() {
    if (state_ != nullptr) state_->connection.abort();
  }

  auto read() { return detail::read_awaiter(state_); }
  auto write(std::string_view data) {
    if (!state_->end) state_->has_room = state_->connection.write(data);
    return detail::write_awaiter(state_);
  }
  // Sends what was written, then ends; the channel cannot be used any more. See data_connection::close.
  void close() {
    if (const auto s = std::exchange(state_, nullptr)) s->connection.close();
  }

 private:
  std::shared_ptr<detail::channel_state> state_;
};

namespace detail {

// What the callback of connect_to shares with the coroutine that waits for it, and that may be gone.
struct connection_to_come {
  std::optional<data_connection> connection = {};
  waiting_place waiting = {};
};

class [[nodiscard]] channel_to_come final {
 public:
  explicit channel_to_come(std::shared_ptr<connection_to_come> c) noexcept : shared_(std::move(c)) {}
  channel_to_come(channel_to_come&& other) noexcept = default;
  channel_to_come& operator=(channel_to_come&&) = delete;
  ~channel_to_come() {
    if (shared_ != nullptr) shared_->waiting.leave();
  }
  bool await_ready() const noexcept { return shared_->connection.has_value(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    shared_->waiting.wait(strand_of(h), h);
  }
  data_channel await_resume() { return data_channel(*std::exchange(shared_->connection, std::nullopt)); }

 private:
  std::shared_ptr<connection_to_come> shared_;
};

}  // namespace detail

// Opens a data connection to a function that the node has defined by define_data, and gives its channel. If it cannot be
// opened within the limit, the running port dies, as with connect_to. A connection that nobody awaits any more is aborted.
template <class... A>
auto channel_to(const std::string& node, time_span limit, std::string function, A&&... initdata) {
  const auto shared = std::make_shared<detail::connection_to_come>();
  connect_to(node, limit, std::move(function), std::forward<A>(initdata)...,
             [weak = std::weak_ptr(shared)](data_connection c) {
               const auto alive = weak.lock();
               if (alive == nullptr) return c.abort();
               alive->connection = std::move(c);
               alive->waiting.go_on();
             });
  return detail::channel_to_come(shared);
}

}  // namespace aemp
