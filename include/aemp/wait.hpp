// What a coroutine can wait for besides messages (receive.hpp): the reply of a call, time, the death of a port, a port that
// is up, room for more at a port or on the way to a node. Several things at once: together.hpp. Groups and families:
// view.hpp. The bytes of data connections: data_channel.hpp.
//
//     message reply = co_await cal(shop, "price", "apples");         throws failure when the call fails
//     int price = co_await cal(shop, "price", "apples").as<int>();
//     co_await sleep_for(1s);
//     message reason = co_await death_of(worker);
//     co_await drained(node_of(sink));
//     for (auto n = co_await drained(sink); n != 0; --n) snd(sink, "data", …);
//
// What is awaited is made in the co_await expression, or moved into it. To go on while something is under way, begin
// another coroutine: spawn one, or await several with all().
//
// What is destroyed while it waits is cancelled: the timer, the monitor, the call; a late reply is dropped.
#pragma once

#include <chrono>
#include <coroutine>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include <aemp/call.hpp>
#include <aemp/entry.hpp>
#include <aemp/task.hpp>

namespace aemp {

namespace detail {

// Waits for something that calls a handler: a timer, a monitor, a call.
class event_awaiter {
 public:
  event_awaiter(event_awaiter&&) noexcept {}  // before it begins
  event_awaiter& operator=(event_awaiter&&) = delete;
  bool await_ready() const noexcept { return false; }

 protected:
  event_awaiter() noexcept = default;
  ~event_awaiter() { what_.cancel(); }

  void wait(strand& of, std::coroutine_handle<> where, handle what) noexcept {
    of_ = &of;
    where_ = where;
    what_ = std::move(what);
  }
  void go_on() noexcept { resume(*of_, where_); }

 private:
  handle what_;
  strand* of_ = nullptr;
  std::coroutine_handle<> where_;
};

class [[nodiscard]] time_awaiter final : public event_awaiter {
 public:
  explicit time_awaiter(std::chrono::nanoseconds delay) noexcept : delay_(delay) {}
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    const node_at_hand node = this_node("sleep_for");
    wait(strand_of(h), h, handle(start_timer(node, delay_, false, handler_of([this] { go_on(); }))));
  }
  void await_resume() const noexcept {}

 private:
  std::chrono::nanoseconds delay_;
};

class [[nodiscard]] death_awaiter final : public event_awaiter {
 public:
  explicit death_awaiter(port_id of) : port_(std::move(of)) {}
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    const node_at_hand node = this_node("death_of");
    wait(strand_of(h), h, handle(watch(node, port_, handler_of([this](const message& reason) {
                                         reason_ = reason;
                                         go_on();
                                       }))));
  }
  message await_resume() noexcept { return std::move(reason_); }

 private:
  port_id port_;
  message reason_;
};

class [[nodiscard]] drain_awaiter final : public event_awaiter {
 public:
  explicit drain_awaiter(std::string node) : node_(std::move(node)) {}
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    const node_at_hand here = this_node("drained");
    wait(strand_of(h), h, handle(when_drained(here, node_, handler_of([this] { go_on(); }))));
  }
  void await_resume() const noexcept {}

 private:
  std::string node_;
};

// What is asked of a port, behind what was sent to it before: whether it is up, or has room.
enum class asked { up, room };
template <asked What>
class [[nodiscard]] answer_awaiter : public event_awaiter {
 public:
  explicit answer_awaiter(port_id of) : port_(std::move(of)) {}
  // Throws failure `timeout` when there is no answer within this time.
  answer_awaiter&& within(time_span limit) && {
    limit_ = std::chrono::nanoseconds(limit);
    return std::move(*this);
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    const node_at_hand here = this_node("co_await");
    wait(strand_of(h), h,
         handle(ask(here, handler_of([this](std::size_t answer) {
                      answer_ = answer;
                      go_on();
                    }),
                    handler_of([this](const message& reason) {
                      reason_.emplace(reason);
                      go_on();
                    }))));
  }
  auto await_resume() {
    if (reason_) throw failure(std::move(*reason_));
    if constexpr (What == asked::up) {
      return std::move(port_);
    } else {
      return answer_;
    }
  }

 private:
  owned* ask(local_node& node, handler_ref on_answer, handler_ref on_failure) {
    if constexpr (What == asked::up) {
      return when_up(node, port_, std::move(on_answer), std::move(on_failure), limit_);
    } else {
      return when_drained(node, port_, std::move(on_answer), std::move(on_failure), limit_);
    }
  }

  port_id port_;
  std::optional<std::chrono::nanoseconds> limit_;
  std::size_t answer_ = 0;
  std::optional<message> reason_;
};

// A reply: the whole message, or its elements.
template <class... T>
class [[nodiscard]] call_awaiter : public event_awaiter {
 public:
  explicit call_awaiter(call&& request) noexcept : request_(std::move(request)) {}
  call_awaiter(call_awaiter&&) noexcept = default;
  // One that was never awaited sends nothing.
  ~call_awaiter() { request_.abandon(); }

  call_awaiter&& within(time_span limit) && {
    (void)std::move(request_).within(limit);
    return std::move(*this);
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    request_.check_awaited_here();
    wait(strand_of(h), h, std::move(request_).start(on_reply(), handler_of([this](const message& reason) {
                                                      reason_.emplace(reason);
                                                      go_on();
                                                    })));
  }
  auto await_resume() {
    if (reason_)
      throw failure(reason_->empty() ? message("no_reply", "the port ended without a reply")
                                     : std::move(*reason_));
    if constexpr (sizeof...(T) == 1) {
      return std::get<0>(std::move(*reply_));
    } else {
      return std::move(*reply_);
    }
  }

 private:
  handler_ref on_reply() {
    if constexpr (std::is_same_v<std::tuple<T...>, std::tuple<message>>) {
      return handler_of([this](const message& whole) {
        reply_.emplace(whole);
        go_on();
      });
    } else {
      return handler_of([this](T&&... elements) {
        reply_.emplace(std::move(elements)...);
        go_on();
      });
    }
  }

  call request_;
  std::optional<std::tuple<T...>> reply_;
  std::optional<message> reason_;
};

}  // namespace detail

// Goes on after this time. Ends early only when the coroutine is destroyed. Resolution: the worker's clock.
inline auto sleep_for(time_span delay) { return detail::time_awaiter(delay); }

// The reason with which the port dies or becomes unreachable, as with mon(). The reply port of a call dies with the
// reply; who wants to know whether the caller lives needs a port of the caller's in the message.
inline auto death_of(port_id of) { return detail::death_awaiter(std::move(of)); }

// Goes on when less than 128 KiB wait on the way to that node, or when it is lost: see when_drained.
inline auto drained(std::string node) { return detail::drain_awaiter(std::move(node)); }

// Goes on when the port has got what this one has sent to it before, and has room: gives the number of messages that may
// be sent now (see when_drained). Throws failure with the reason when the port dies or cannot be reached.
inline auto drained(port_id port) { return detail::answer_awaiter<detail::asked::room>(std::move(port)); }

// Goes on when the port is there and has run the function that it was spawned with, as far as that goes without waiting.
// Gives the port. Throws failure when the port dies before: `no_such_function`, the reason of an exception.
//   port_id shop = co_await up(spawn("alpha", "shop::open", 7));
inline auto up(port_id port) { return detail::answer_awaiter<detail::asked::up>(std::move(port)); }

// ---- of call.hpp ----

template <class... T>
detail::call_awaiter<T...> call::as() && {
  static_assert(sizeof...(T) > 0, "as: say what the reply consists of, as in as<int>()");
  static_assert(
      (detail::outlives_wait<T> && ...),
      "as: the elements are moved or copied out of the reply, so ask for values: std::string instead of "
      "std::string_view");
  return detail::call_awaiter<T...>(std::move(*this));
}
inline detail::call_awaiter<message> call::operator co_await() && {
  return detail::call_awaiter<message>(std::move(*this));
}

}  // namespace aemp
