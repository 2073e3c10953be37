// Receiving in a coroutine: the first message that fits, in the order of arrival. What comes before it and does not
// fit stays in the port's mailbox until it is asked for.
//
//     co_await receive("go");                                    nothing but the tag
//     int n = co_await receive<int>("count");                    one element
//     auto [x, y] = co_await receive<int, std::string>("pair");  several
//     co_await receive(on("add", [&](int n) { sum += n; }),
//                      on(match("stop", _any_), [&](const std::string&, const std::string& why) { … }),
//                      on(otherwise, [&](const message& m) { … }));
//     co_await receive("go").within(1s);                         throws failure `timeout`
//
// A message fits if its tag or the pattern does, and its elements convert by the rules of handlers (handler.hpp); an
// element of the very type is moved out, so it need not be copyable. Of several choices the first one that fits is
// taken. A handler of the port comes first: only what no handler takes comes here.
//
// The mailbox exists while a coroutine with which the port was spawned runs, or one that has called receive. It has no
// limit, unless the port has one (port_limits.hpp).
//
// Cost: a message that is waited for costs no allocation. What waits is found by its tag in constant time, however
// much waits; patterns and `otherwise` look at all that waits, once for each receive. A coroutine that never has to
// wait gives way to others as a handler does.
//
// The functions run before the coroutine goes on, return nothing, and cannot wait themselves. They may throw. g++ 12
// destroys a closure twice when it is made in a co_await expression and owns something, so `on` refuses those:
// capture by reference, or give the closure a name before (it is copied then). Tags have to live until the receive
// has ended. A message whose elements never convert waits in the mailbox for ever.
#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <aemp/export.hpp>
#include <aemp/handler.hpp>
#include <aemp/match.hpp>
#include <aemp/symbol.hpp>
#include <aemp/task.hpp>
#include <aemp/time_span.hpp>

namespace aemp {

namespace core {
class conversation;
}

namespace detail {

class owned;

// A receive that has not taken its message yet. It may be moved until it begins.
class AEMP_API receiver {
 public:
  receiver& operator=(receiver&&) = delete;

 protected:
  static constexpr unsigned most_keys = 8;

  receiver() noexcept = default;
  receiver(receiver&& other) noexcept : limit_(other.limit_) {}
  virtual ~receiver() {
    if (state_ >= state::waiting) [[unlikely]]
      leave();
  }

  // Takes the message if it fits.
  virtual bool offer(block& content) noexcept = 0;
  // The keys of all messages that may fit, up to most_keys. Zero: any message may.
  virtual unsigned keys(std::uint64_t* to) const noexcept = 0;

  void set_limit(std::chrono::nanoseconds limit) noexcept { limit_ = limit; }
  void keep_exception() noexcept { thrown_ = std::current_exception(); }

  // Takes a message that waits already, if one fits. True: the coroutine has to wait.
  bool wait(strand& of, std::coroutine_handle<> where);
  // Throws what the function has thrown, or `timeout`.
  void finish() {
    if (thrown_ || state_ == state::late) [[unlikely]]
      fail();
  }

 private:
  friend class core::conversation;
  enum class state : std::uint8_t {
    begun,
    taken,
    late,
    waiting,
    giving_way
  };  // the last two: it is in the list

  void leave() noexcept;
  [[noreturn]] void fail();

  receiver* next_ = nullptr;  // that waits in the same port
  strand* of_ = nullptr;
  std::coroutine_handle<> where_;
  std::chrono::nanoseconds limit_{-1};  // below zero: none
  owned* timer_ = nullptr;
  std::exception_ptr thrown_;
  state state_ = state::begun;
};

// The tag that a message must have. Tags of more than seven bytes may share a key.
class wanted_tag {
 public:
  explicit wanted_tag(std::string_view tag) noexcept : key_(symbol_key(tag)), tag_(tag) {}
  std::uint64_t key() const noexcept { return key_; }
  bool fits(const block& content) const noexcept {
    return content.key == key_ && ((key_ & hashed_tag_bit) == 0 || content.ops->tag(content) == tag_);
  }

 private:
  std::uint64_t key_;
  std::string_view tag_;
};

// What `on` makes. Each has key(), and offer(block&), which calls the function if the message fits.
template <class F>
class tag_choice {
 public:
  tag_choice(std::string_view tag, F f) : tag_(tag), f_(std::move(f)) {}
  static constexpr bool has_key = true;
  std::uint64_t key() const noexcept { return tag_.key(); }
  bool offer(block& content) {
    return tag_.fits(content) &&
           caller<F, parameters_t<F>>::call(f_, content, 1, nullptr) != outcome::refused;
  }

 private:
  wanted_tag tag_;
  F f_;
};

template <class F>
class pattern_choice {
 public:
  pattern_choice(pattern p, F f) : match_(std::move(p)), f_(std::move(f)) {}
  static constexpr bool has_key = false;
  std::uint64_t key() const noexcept { return 0; }
  bool offer(block& content) {
    borrowed_message whole(&content);
    return match_.matches(whole.get()) &&
           caller<F, parameters_t<F>>::call(f_, content, 0, nullptr) != outcome::refused;
  }

 private:
  pattern match_;
  F f_;
};

template <class F>
class otherwise_choice {
 public:
  explicit otherwise_choice(F f) : f_(std::move(f)) {}
  static constexpr bool has_key = false;
  std::uint64_t key() const noexcept { return 0; }
  bool offer(block& content) {
    return caller<F, parameters_t<F>>::call(f_, content, 0, nullptr) != outcome::refused;
  }

 private:
  F f_;
};

template <class F>
constexpr void check_choice() {
  static_assert(
      handler_like<std::decay_t<F>>,
      "on: a function or a function object with one call operator is wanted (no `auto` parameters)");
  static_assert(
      std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<F>,
      "on: capture by reference, or give the closure a name: g++ 12 destroys a closure that owns something "
      "twice when it is made in a co_await expression");
  if constexpr (handler_like<std::decay_t<F>>) {
    static_assert(
        std::is_void_v<result_of<std::decay_t<F>>>,
        "on: the function returns nothing: it cannot wait, and its message is taken whatever it returns");
  }
}

template <class T>
inline constexpr bool is_choice = false;
template <class F>
inline constexpr bool is_choice<tag_choice<F>> = true;
template <class F>
inline constexpr bool is_choice<pattern_choice<F>> = true;
template <class F>
inline constexpr bool is_choice<otherwise_choice<F>> = true;

// The common half of what receive() returns.
template <class Self>
class receive_awaiter : public receiver {
 public:
  receive_awaiter() noexcept = default;
  receive_awaiter(receive_awaiter&&) noexcept = default;

  // Throws failure `timeout` if no message fits within this time.
  Self&& within(time_span limit) && {
    set_limit(std::max(std::chrono::nanoseconds(limit), std::chrono::nanoseconds::zero()));
    return static_cast<Self&&>(*this);
  }
  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) {
    return this->wait(strand_of(h), h);
  }
};

template <class... Choices>
class [[nodiscard]] choice_receiver final : public receive_awaiter<choice_receiver<Choices...>> {
 public:
  explicit choice_receiver(Choices&&... choices) : choices_(std::move(choices)...) {}
  void await_resume() { this->finish(); }

 private:
  bool offer(block& content) noexcept override {
    try {
      return std::apply([&](Choices&... c) { return (c.offer(content) || ...); }, choices_);
    } catch (...) {
      this->keep_exception();
      return true;
    }
  }
  unsigned keys(std::uint64_t* to) const noexcept override {
    if constexpr ((Choices::has_key && ...) && sizeof...(Choices) <= receiver::most_keys) {
      std::apply([&](const Choices&... c) { ((*to++ = c.key()), ...); }, choices_);
      return sizeof...(Choices);
    }
    return 0;
  }

  std::tuple<Choices...> choices_;
};

template <class... T>
class [[nodiscard]] tag_receiver final : public receive_awaiter<tag_receiver<T...>> {
 public:
  explicit tag_receiver(std::string_view tag) : tag_(tag) {}

  auto await_resume() {
    this->finish();
    if constexpr (sizeof...(T) == 1) {
      return std::get<0>(std::move(*found_));
    } else if constexpr (sizeof...(T) > 1) {
      return std::move(*found_);
    }
  }

 private:
  struct store {
    std::optional<std::tuple<T...>>& to;
    void operator()(T&&... elements) { to.emplace(std::move(elements)...); }
  };
  bool offer(block& content) noexcept override {
    if (!tag_.fits(content)) return false;
    store f{found_};
    try {
      return caller<store, std::tuple<T&&...>>::call(f, content, 1, nullptr) != outcome::refused;
    } catch (...) {
      this->keep_exception();
      return true;
    }
  }
  unsigned keys(std::uint64_t* to) const noexcept override {
    *to = tag_.key();
    return 1;
  }

  wanted_tag tag_;
  std::optional<std::tuple<T...>> found_;
};

}  // namespace detail

// A choice of receive: what to do with a message of this tag, that matches this pattern, or with any other.
template <class F>
auto on(std::string_view tag, F&& f) {
  detail::check_choice<F>();
  return detail::tag_choice<std::decay_t<F>>(tag, std::forward<F>(f));
}
template <class F>
auto on(pattern p, F&& f) {
  detail::check_choice<F>();
  return detail::pattern_choice<std::decay_t<F>>(std::move(p), std::forward<F>(f));
}
template <class F>
auto on(otherwise_tag, F&& f) {
  detail::check_choice<F>();
  return detail::otherwise_choice<std::decay_t<F>>(std::forward<F>(f));
}

template <class... T>
auto receive(std::string_view tag) {
  static_assert((!std::is_same_v<T, message> && ...),
                "receive: the whole message is taken by receive(on(otherwise, [&](const message& m) { … }))");
  static_assert(
      (detail::outlives_wait<T> && ...),
      "receive: the elements are moved or copied out of the message, so ask for values: std::string instead "
      "of std::string_view");
  return detail::tag_receiver<T...>(tag);
}
template <class... Choices>
requires(sizeof...(Choices) > 0 && (detail::is_choice<Choices> && ...)) auto receive(Choices... choices) {
  return detail::choice_receiver<Choices...>(std::move(choices)...);
}

}  // namespace aemp
