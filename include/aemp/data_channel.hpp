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
#include <aemp/time_span.hpp>
#include <aemp/waiting_place.hpp>

namespace aemp {

namespace detail {

// What the callbacks of the connection share with the channel.
//
// The port of an accepted connection ends when the end has been told. So only while somebody waits in read(), or in
// write(), which has to know, callbacks take what comes; else the connection keeps it: bytes and the end.
struct channel_state : std::enable_shared_from_this<channel_state> {
  explicit channel_state(data_connection c) : connection(std::move(c)) {}

  data_connection connection;
  std::string arrived = {};
  bool has_room = true;
  std::optional<std::string> end = {};  // why; "": closed by the other side
  waiting_place reader = {}, writer = {};

  void listen() {
    const auto with = [weak = weak_from_this()](auto f) {
      return [weak, f](const auto&... what) {
        if (const auto s = weak.lock()) f(*s, what...);
      };
    };
    connection.listen({.data = with([](channel_state& s, std::string_view data) { s.got(data); }),
                       .closed = with([](channel_state& s, const std::string& why) { s.ended(why); }),
                       .drained = with([](channel_state& s) {
                         s.has_room = true;
                         s.writer.go_on();
                       })});
    listens_ = true;
  }
  // Somebody has begun to wait, or has ended.
  void look() {
    if (end) return;
    const bool wanted = reader.taken() || (writer.taken() && arrived.size() <= data_connection::enough);
    if (wanted == listens_) return;
    if (wanted) return listen();
    connection.on_data({});
    connection.on_closed({});
    listens_ = false;
  }
  std::string take() { return std::exchange(arrived, {}); }
  [[noreturn]] void fail(const std::string& why) const {
    const std::size_t colon = why.find(": ");
    if (colon == why.npos) throw failure(message(why));
    throw failure(message(why.substr(0, colon), why.substr(colon + 2)));
  }

 private:
  void got(std::string_view data) {
    arrived += data;
    reader.go_on();
    look();
  }
  void ended(const std::string& why) {
    end = why;
    reader.go_on();
    writer.go_on();
  }

  bool listens_ = false;
};

class channel_awaiter {
 public:
  channel_awaiter(channel_awaiter&& other) noexcept : state_(std::move(other.state_)) {}  // before it begins
  channel_awaiter& operator=(channel_awaiter&&) = delete;

 protected:
  explicit channel_awaiter(std::shared_ptr<channel_state> s) noexcept : state_(std::move(s)) {}
  ~channel_awaiter() {
    if (place_ == nullptr) return;
    place_->leave();
    state_->look();
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
    state_->look();
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
    state_->look();
  }
  void await_resume() {
    over();
    state_->look();
    if (state_->end) state_->fail(state_->end->empty() ? "ended: the other side has closed" : *state_->end);
  }
};

}  // namespace detail

class data_channel {
 public:
  explicit data_channel(data_connection connection)
      : state_(std::make_shared<detail::channel_state>(std::move(connection))) {
    state_->listen();
    state_->look();
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
