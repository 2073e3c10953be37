// Several things that a coroutine waits for at once: whatever it can wait for, other tasks included.
//
//     auto [a, b] = co_await all(cal(x, "get").as<int>(), cal(y, "get").as<int>());
//     auto first = co_await any(receive("stop"), sleep_for(1s));
//     if (first.index() == 1) …
//
// What is not needed any more is cancelled, as if it were destroyed: the timer, the monitor, the call; a late reply is
// dropped. Cost: a frame for each.
#pragma once

#include <array>
#include <coroutine>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/task.hpp>
#include <aemp/wait.hpp>

namespace aemp {

namespace detail {

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
  return std::forward<A>(a);
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

// The same for as many of one type as there are at run time.
template <bool FirstOnly, class A>
class [[nodiscard]] list_awaiter {
 public:
  explicit list_awaiter(std::vector<A> operands)
      : operands_(std::move(operands)), slots_(operands_.size()), joint_(operands_.size(), FirstOnly) {}
  // Before it begins.
  list_awaiter(list_awaiter&& other) noexcept
      : operands_(std::move(other.operands_)),
        slots_(std::move(other.slots_)),
        joint_(operands_.size(), FirstOnly) {}

  bool await_ready() const noexcept { return operands_.empty(); }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) {
    if (joint_.over()) throw std::logic_error("all or any: this has been awaited already");
    parts_ = std::vector<part>(operands_.size());
    for (std::size_t i = 0; i < operands_.size() && !joint_.over(); ++i) {
      parts_[i] = await_into(std::move(operands_[i]), slots_[i]);
      parts_[i].begin(strand_of(h), joint_, i);
    }
    return joint_.wait(h);
  }
  auto await_resume() {
    parts_.clear();
    joint_.rethrow();
    if constexpr (FirstOnly) {
      return std::pair<std::size_t, slot_t<A>>(joint_.first(), std::move(*slots_[joint_.first()]));
    } else {
      std::vector<slot_t<A>> results;
      results.reserve(slots_.size());
      for (auto& slot : slots_) results.push_back(std::move(*slot));
      return results;
    }
  }

 private:
  std::vector<A> operands_;
  std::vector<std::optional<slot_t<A>>> slots_;
  joint joint_;
  std::vector<part> parts_;  // destroyed first
};

template <class A>
std::vector<operand_t<A>> operands_of(std::vector<A> from) {
  std::vector<operand_t<A>> operands;
  operands.reserve(from.size());
  for (A& a : from) operands.push_back(as_operand(std::move(a)));
  return operands;
}

}  // namespace detail

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

// The same for any number of operands of one type, which may be none: a std::vector of what they give, in their order.
template <class A>
auto all(std::vector<A> operands) {
  using detail::operands_of;
  return detail::list_awaiter<false, detail::operand_t<A>>(operands_of(std::move(operands)));
}
// A std::pair: which one it was, and what that gave. Throws std::invalid_argument for no operands.
template <class A>
auto any(std::vector<A> operands) {
  if (operands.empty()) throw std::invalid_argument("any: there is nothing to wait for");
  using detail::operands_of;
  return detail::list_awaiter<true, detail::operand_t<A>>(operands_of(std::move(operands)));
}

}  // namespace aemp
