// What a coroutine can wait for besides messages (receive.hpp): the reply of a call, time, the death of a port, room for
// more at a port or on the way to a node; and several things at once.
//
//     message reply = co_await cal(shop, "price", "apples");         throws failure when the call fails
//     int price = co_await cal(shop, "price", "apples").as<int>();
//     co_await sleep_for(1s);
//     message reason = co_await death_of(worker);
//     co_await drained(node_of(sink));
//     for (auto n = co_await drained(sink); n != 0; --n) snd(sink, "data", …);
//     auto [a, b] = co_await all(cal(x, "get").as<int>(), cal(y, "get").as<int>());
//     auto first = co_await any(receive("stop"), sleep_for(1s));
//     if (first.index() == 1) …
//
// What is awaited is made in the co_await expression, or moved into it. To go on while something is under way, begin
// another coroutine: spawn one, or await several with all().
//
// What is destroyed while it waits is cancelled: the timer, the monitor, the call; a late reply is dropped.
#pragma once

#include <array>
#include <chrono>
#include <coroutine>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

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

class [[nodiscard]] room_awaiter final : public event_awaiter {
 public:
  explicit room_awaiter(port_id at) : port_(std::move(at)) {}
  template <class P>
  void await_suspend(std::coroutine_handle<P> h) {
    const node_at_hand here = this_node("drained");
    wait(strand_of(h), h,
         handle(when_drained(here, port_, handler_of([this](std::size_t room) {
                               room_ = room;
                               go_on();
                             }),
                             handler_of([this](const message& reason) {
                               reason_.emplace(reason);
                               go_on();
                             }))));
  }
  std::size_t await_resume() {
    if (reason_) throw failure(std::move(*reason_));
    return room_;
  }

 private:
  port_id port_;
  std::size_t room_ = 0;
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

  call_awaiter&& within(std::chrono::nanoseconds limit) && {
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

// ---- several at once ----

// What co_await gives for an A. Nothing is std::monostate, so that places stay what they were.
template <class A>
decltype(auto) awaiter_of(A&& a) {
  static_assert(
      std::is_class_v<A> &&
          (
              requires { std::forward<A>(a).operator co_await(); } || requires { a.await_ready(); }),
      "all and any: each operand is something that can be awaited: a receive, a call, a task (call the "
      "function), sleep_for");
  if constexpr (requires { std::forward<A>(a).operator co_await(); }) {
    return std::forward<A>(a).operator co_await();
  } else {
    return std::forward<A>(a);
  }
}
// A call that is not begun in the end must not be sent, so it is kept as what awaits it.
template <class A>
A&& as_operand(A&& a) {
  return std::move(a);
}
inline call_awaiter<message> as_operand(call&& c) { return call_awaiter<message>(std::move(c)); }
template <class A>
using operand_t = std::remove_cvref_t<decltype(as_operand(std::declval<A>()))>;

template <class A>
using awaited_t = decltype(awaiter_of(std::declval<A>()).await_resume());
template <class A>
using slot_t = std::conditional_t<std::is_void_v<awaited_t<A>>, std::monostate, awaited_t<A>>;

class part_promise;

// Several coroutines of which one, or all, have to end before another goes on.
class AEMP_API joint {
 public:
  joint(std::size_t parts, bool first_only) noexcept : left_(parts), first_only_(first_only) {}

  std::coroutine_handle<> arrived(part_promise& p) noexcept;
  bool over() const noexcept { return left_ == 0 || decided_; }
  // Nothing is resumed before this, as the one that waits has not been suspended.
  bool wait(std::coroutine_handle<> waiting) noexcept {
    if (over()) return false;
    waiting_ = waiting;
    return true;
  }
  std::size_t first() const noexcept { return first_; }
  void rethrow() {
    if (error_) std::rethrow_exception(std::move(error_));
  }

 private:
  std::size_t left_;
  std::size_t first_ = 0;
  std::coroutine_handle<> waiting_;
  std::exception_ptr error_;
  bool first_only_;
  bool decided_ = false;
};

class part_promise : public task_promise_base {
 public:
  struct arrival {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<part_promise> h) const noexcept {
      return h.promise().in->arrived(h.promise());
    }
    void await_resume() const noexcept {}
  };
  std::coroutine_handle<part_promise> get_return_object() noexcept {
    return std::coroutine_handle<part_promise>::from_promise(*this);
  }
  arrival final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}

  joint* in = nullptr;
  std::size_t index = 0;
};

// One operand, awaited in a frame of its own.
class part {
 public:
  using promise_type = part_promise;

  part() noexcept = default;
  part(std::coroutine_handle<part_promise> frame) noexcept : frame_(frame) {}
  part(const part&) = delete;
  part& operator=(part&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~part() {
    if (frame_ != nullptr) frame_.destroy();
  }
  void begin(strand& of, joint& in, std::size_t index) {
    frame_.promise().of = &of;
    frame_.promise().in = &in;
    frame_.promise().index = index;
    frame_.resume();
  }

 private:
  std::coroutine_handle<part_promise> frame_;
};

template <class A, class Slot>
part await_into(A a, std::optional<Slot>& slot) {
  if constexpr (std::is_void_v<awaited_t<A>>) {
    co_await std::move(a);
    slot.emplace();
  } else {
    slot.emplace(co_await std::move(a));
  }
}

template <bool FirstOnly, class... A>
class [[nodiscard]] joint_awaiter {
 public:
  explicit joint_awaiter(A&&... operands)
      : operands_(std::move(operands)...), joint_(sizeof...(A), FirstOnly) {}
  // Before it begins.
  joint_awaiter(joint_awaiter&& other) noexcept
      : operands_(std::move(other.operands_)), joint_(sizeof...(A), FirstOnly) {}

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) {
    if (joint_.over()) throw std::logic_error("all or any: this has been awaited already");
    begin(strand_of(h), std::index_sequence_for<A...>());
    return joint_.wait(h);
  }
  auto await_resume() {
    for (part& p : parts_) p = part();
    joint_.rethrow();
    return results(std::index_sequence_for<A...>());
  }

 private:
  template <std::size_t... I>
  void begin(strand& of, std::index_sequence<I...>) {
    const auto begin_one = [&](part& p, part made, std::size_t index) {
      p = std::move(made);
      p.begin(of, joint_, index);
      return joint_.over();
    };
    (void)(begin_one(parts_[I], await_into(std::move(std::get<I>(operands_)), std::get<I>(slots_)), I) ||
           ...);
  }
  template <std::size_t... I>
  auto results(std::index_sequence<I...>) {
    if constexpr (FirstOnly) {
      using choice = std::variant<slot_t<A>...>;
      using take = choice (*)(joint_awaiter&);
      static constexpr take takes[] = {[](joint_awaiter& self) {
        return choice(std::in_place_index<I>, std::move(*std::get<I>(self.slots_)));
      }...};
      return takes[joint_.first()](*this);
    } else {
      return std::tuple<slot_t<A>...>(std::move(*std::get<I>(slots_))...);
    }
  }

  std::tuple<A...> operands_;
  std::tuple<std::optional<slot_t<A>>...> slots_;
  joint joint_;
  std::array<part, sizeof...(A)> parts_;  // destroyed first
};

}  // namespace detail

// Goes on after this time. Ends early only when the coroutine is destroyed. Resolution: the worker's clock.
inline auto sleep_for(std::chrono::nanoseconds delay) { return detail::time_awaiter(delay); }

// The reason with which the port dies or becomes unreachable, as with mon(). The reply port of a call dies with the
// reply; who wants to know whether the caller lives needs a port of the caller's in the message.
inline auto death_of(port_id of) { return detail::death_awaiter(std::move(of)); }

// Goes on when less than 128 KiB wait on the way to that node, or when it is lost: see when_drained.
inline auto drained(std::string node) { return detail::drain_awaiter(std::move(node)); }

// Goes on when the port has handled what this one has sent to it before, and has room: gives the number of messages that
// may be sent now (see when_drained). Throws failure with the reason when the port dies or cannot be reached.
inline auto drained(port_id port) { return detail::room_awaiter(std::move(port)); }

// Waits for all of them: a std::tuple of what they give, std::monostate for nothing. The first failure is thrown, and the
// others are cancelled. They begin in their order, and run in the same port, one at a time.
template <class... A>
auto all(A... operands) {
  static_assert(sizeof...(A) > 0, "all: there is nothing to wait for");
  using detail::as_operand;  // and what others have for their types
  return detail::joint_awaiter<false, detail::operand_t<A>...>(as_operand(std::move(operands))...);
}

// Waits for the first of them, and cancels the others: a std::variant whose index tells which it was. Fails if the first
// that ends does. If several could end at once, the first operand does; for the oldest of several messages, use one
// receive with several choices.
template <class... A>
auto any(A... operands) {
  static_assert(sizeof...(A) > 0, "any: there is nothing to wait for");
  using detail::as_operand;
  return detail::joint_awaiter<true, detail::operand_t<A>...>(as_operand(std::move(operands))...);
}

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
