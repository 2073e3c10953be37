// How a callable becomes a handler. The compiler takes the parameter types of a lambda apart; at run time a
// handler is an object with one indirect call. You need only keep, done and rest from here.
//
// Each parameter takes one element, by the rules of convert.hpp. Some types are special:
// - `const value&` takes any element;
// - std::optional<T> also takes a missing one;
// - std::string_view takes text, and is valid until the handler returns;
// - a last parameter of type `rest` takes all remaining elements;
// - `const message&` as the only parameter takes the whole message.
//
// Elements behind those that it has parameters for are ignored, as Perl does; exactly(f) takes no such message.
//
// A handler that returns task<> is a coroutine of its port (task.hpp).
//
// A parameter of type T&&, or of a move-only type, gets the element itself when nobody else holds the
// message. Otherwise it gets a copy; if the type cannot be copied, the handler does not take the message.
#pragma once

#include <functional>
#include <string>
#include <tuple>
#include <utility>

#include <aemp/argument.hpp>
#include <aemp/export.hpp>
#include <aemp/task.hpp>

namespace aemp {

// What a handler may return. keep: it stays registered, as with void. done: it is removed, as with true.
enum class disposition { keep, done };
inline constexpr disposition keep = disposition::keep;
inline constexpr disposition done = disposition::done;

namespace detail {

struct handler;

struct handler_ops {
  outcome (*call)(handler& h, block& b, std::size_t skip, mismatch* why);
  void (*destroy)(handler& h) noexcept;
  std::string (*describe)() = nullptr;  // the message of a contract that it serves: "add(int, int) -> int"
};

// Owned by one worker, so the count need not be atomic. `size_class` is how it was allocated.
struct handler {
  const handler_ops* ops;
  std::uint32_t refs = 1;
  std::uint16_t size_class = 0;
  bool removed = false;
  bool has_pattern = false;
  union {
    const std::string* long_tag = nullptr;  // the tag, unless the key says it all
    const pattern* match;                   // has_pattern
  };
};

AEMP_API void release_handler(handler* h) noexcept;

template <class T>
struct signature;
template <class R, class... P>
struct signature<R(P...)> {
  using parameters = std::tuple<P...>;
};
template <class R, class... P>
struct signature<R (*)(P...)> : signature<R(P...)> {};
template <class R, class... P>
struct signature<R (*)(P...) noexcept> : signature<R(P...)> {};
template <class C, class R, class... P>
struct signature<R (C::*)(P...)> : signature<R(P...)> {};
template <class C, class R, class... P>
struct signature<R (C::*)(P...) const> : signature<R(P...)> {};
template <class C, class R, class... P>
struct signature<R (C::*)(P...) noexcept> : signature<R(P...)> {};
template <class C, class R, class... P>
struct signature<R (C::*)(P...) const noexcept> : signature<R(P...)> {};

template <class F>
concept handler_like = requires {
  &F::operator();
}
|| std::is_function_v<std::remove_pointer_t<F>>;

template <class F>
struct parameters_of : parameters_of<decltype(&F::operator())> {};
template <class F>
requires(std::is_function_v<std::remove_pointer_t<F>> ||
         std::is_member_function_pointer_v<F>) struct parameters_of<F> {
  using type = typename signature<F>::parameters;
};
template <class F>
using parameters_t = typename parameters_of<F>::type;

template <class F, class Parameters>
struct result_with;
template <class F, class... P>
struct result_with<F, std::tuple<P...>> {
  using type = std::invoke_result_t<F&, P...>;
};
template <class F>
using result_of = typename result_with<F, parameters_t<F>>::type;

template <class F, class... A>
outcome call_and_judge(F& f, A&&... a) {
  using R = std::invoke_result_t<F&, A...>;
  if constexpr (std::is_same_v<R, bool>) {
    return f(std::forward<A>(a)...) ? outcome::done : outcome::keep;
  } else if constexpr (std::is_same_v<R, disposition>) {
    return f(std::forward<A>(a)...) == disposition::done ? outcome::done : outcome::keep;
  } else {
    static_assert(std::is_void_v<R>, "a handler returns nothing, keep, done or a bool");
    f(std::forward<A>(a)...);
    return outcome::keep;
  }
}

// A borrowed message: no count is touched unless the handler copies it.
class borrowed_message {
 public:
  explicit borrowed_message(block* b) noexcept : message_(message::adopt(b)) {}
  borrowed_message(const borrowed_message&) = delete;
  borrowed_message& operator=(const borrowed_message&) = delete;
  ~borrowed_message() { message_.leak(); }
  const message& get() const noexcept { return message_; }

 private:
  message message_;
};

template <class F, class Parameters>
struct caller;

template <class F, class... P>
struct caller<F, std::tuple<P...>> {
  // `skip` is 1 for the handler of a tag, which gets the elements after the tag, and 0 for one that gets the
  // whole message.
  static outcome call(F& f, block& b, std::size_t skip, mismatch* why) {
    if constexpr (std::is_same_v<std::tuple<std::remove_cvref_t<P>...>, std::tuple<message>>) {
      borrowed_message whole(&b);
      return call_and_judge(f, whole.get());
    } else {
      if (b.what == block::kind::typed) {
        if (skip == 1 && b.ops->rest == type_key_of<std::remove_cvref_t<P>...>()) {
          return if_sole(b, skip, why, [&]<bool Sole>(std::bool_constant<Sole>) {
            return call_rest<Sole>(f, static_cast<rest_block<std::remove_cvref_t<P>...>&>(b).rest,
                                   std::index_sequence_for<P...>());
          });
        }
        if constexpr (sizeof...(P) > 0) {
          if (skip == 0 && b.ops->all == type_key_of<std::remove_cvref_t<P>...>()) {
            return if_sole(b, skip, why, [&]<bool Sole>(std::bool_constant<Sole>) {
              return call_whole<Sole>(f, static_cast<typed_block<std::remove_cvref_t<P>...>&>(b),
                                      std::make_index_sequence<sizeof...(P) - 1>());
            });
          }
        }
      } else if constexpr ((is_plain<std::remove_cvref_t<P>> && ...)) {
        auto& values = static_cast<values_block&>(b);
        if (values.size >= skip + sizeof...(P) &&
            are_plain(values.begin() + skip, std::index_sequence_for<P...>())) {
          return if_sole(b, skip, why, [&]<bool Sole>(std::bool_constant<Sole>) {
            return call_plainly<Sole>(f, values.begin() + skip, std::index_sequence_for<P...>());
          });
        }
      }
      return convert_and_call(f, b, skip, why, std::index_sequence_for<P...>());
    }
  }

 private:
  using list = std::tuple<P...>;

  // The first parameter of a type that cannot be copied.
  static constexpr std::size_t first_stuck() {
    std::size_t i = 0;
    (void)((std::is_copy_constructible_v<std::remove_cvref_t<P>> && ++i != 0) && ...);
    return i;
  }

  // Calls with true when elements may be moved, and with false when they must be copied. Most handlers want
  // neither and pay nothing for this.
  template <class Call>
  [[gnu::always_inline]] static outcome if_sole([[maybe_unused]] block& b, [[maybe_unused]] std::size_t skip,
                                                [[maybe_unused]] mismatch* why, Call call) {
    if constexpr ((takes_over<P> || ...)) {
      if (!has_one_holder(b)) {
        constexpr std::size_t stuck = first_stuck();
        if constexpr (stuck == sizeof...(P)) {
          return call(std::false_type());
        } else {
          return refuse_shared(skip + stuck, why);
        }
      }
    }
    return call(std::true_type());
  }

  template <bool Sole, class Rest, std::size_t... I>
  static outcome call_rest(F& f, [[maybe_unused]] Rest& rest, std::index_sequence<I...>) {
    return call_and_judge(f, hand_over<P, Sole>(element_at<I>(rest))...);
  }

  template <bool Sole, class Block, std::size_t... I>
  static outcome call_whole(F& f, Block& b, std::index_sequence<I...>) {
    return call_and_judge(f, hand_over<std::tuple_element_t<0, list>, Sole>(b.first),
                          hand_over<std::tuple_element_t<I + 1, list>, Sole>(element_at<I>(b.rest))...);
  }

  template <std::size_t... I>
  static bool are_plain([[maybe_unused]] const value* values, std::index_sequence<I...>) {
    return (is_plainly_a<std::remove_cvref_t<P>>(values[I]) && ...);
  }
  template <bool Sole, std::size_t... I>
  static outcome call_plainly(F& f, [[maybe_unused]] value* values, std::index_sequence<I...>) {
    return call_and_judge(f, plainly<P, Sole>(values[I])...);
  }

  template <std::size_t... I>
  [[gnu::noinline]] static outcome convert_and_call(F& f, block& b, [[maybe_unused]] std::size_t skip,
                                                    [[maybe_unused]] mismatch* why,
                                                    std::index_sequence<I...>) {
    std::tuple<argument<P>...> arguments;
    [[maybe_unused]] const std::size_t size = size_of(b);
    if (!(std::get<I>(arguments).take(b, I + skip, size, why) && ...)) return outcome::refused;
    return call_and_judge(f, std::get<I>(arguments).get()...);
  }
};

// A handler that is a coroutine: begins it in the running port. The handler lives as long, for its captures.
template <class F, class Parameters>
struct task_starter;
template <class F, class... P>
struct task_starter<F, std::tuple<P...>> {
  F& f;
  handler& h;

  void operator()(P... p) {
    static_assert(std::is_same_v<result_of<F>, task<>>,
                  "a handler that is a coroutine returns task<>: nobody takes its result");
    static_assert(
        ((!std::is_reference_v<P> && !std::is_same_v<P, std::string_view>)&&...),
        "a handler that is a coroutine takes its parameters by value: what a reference or a string_view "
        "refers to is gone as soon as the coroutine has waited");
    // A function, or a closure without captures, need not be kept.
    begin_strand(f(std::move(p)...), std::is_empty_v<F> || std::is_pointer_v<F> ? nullptr : &h);
  }
};

// A handler that takes no more elements than it has parameters (exactly, below).
template <class F>
struct exact {
  F f;
};
template <class F>
inline constexpr bool is_exact = false;
template <class F>
inline constexpr bool is_exact<exact<F>> = true;

template <class F>
struct typed_handler : handler {
  F f;

  template <class G>
  explicit typed_handler(G&& g) : f(std::forward<G>(g)) {}

  static outcome call(handler& h, block& b, std::size_t skip, mismatch* why) {
    F& f = static_cast<typed_handler&>(h).f;
    if constexpr (is_exact<F>) {
      return call_exactly(f.f, h, b, skip, why);
    } else {
      return call_by_type(f, h, b, skip, why);
    }
  }
  template <class G>
  static outcome call_exactly(G& f, handler& h, block& b, std::size_t skip, mismatch* why) {
    const std::size_t end = skip + std::tuple_size_v<parameters_t<G>>;
    if (size_of(b) > end) {
      if (why != nullptr) *why = {end, "one too many", "no more"};
      return outcome::refused;
    }
    return call_by_type(f, h, b, skip, why);
  }
  template <class G>
  static outcome call_by_type(G& f, handler& h, block& b, std::size_t skip, mismatch* why) {
    if constexpr (is_task<result_of<G>>) {
      task_starter<G, parameters_t<G>> start{f, h};
      return caller<decltype(start), parameters_t<G>>::call(start, b, skip, why);
    } else {
      return caller<G, parameters_t<G>>::call(f, b, skip, why);
    }
  }
  static void destroy(handler& h) noexcept {
    const std::uint16_t size_class = h.size_class;
    std::destroy_at(static_cast<typed_handler*>(&h));
    deallocate(&h, size_class);
  }
  static constexpr handler_ops table{call, destroy};
};

template <class F>
handler* make_handler(F&& f) {
  using closure = std::decay_t<F>;
  static_assert(handler_like<closure> || is_exact<closure>,
                "a handler is a function or a function object with one call operator (no `auto` parameters)");
  std::uint16_t size_class;
  void* memory = allocate(sizeof(typed_handler<closure>), size_class);
  auto* h = ::new (memory) typed_handler<closure>(std::forward<F>(f));
  h->ops = &typed_handler<closure>::table;
  h->size_class = size_class;
  return h;
}

// Owns one reference to a handler.
class handler_ref {
 public:
  handler_ref() noexcept = default;
  explicit handler_ref(handler* h) noexcept : handler_(h) {}
  handler_ref(handler_ref&& other) noexcept : handler_(std::exchange(other.handler_, nullptr)) {}
  handler_ref& operator=(handler_ref&& other) noexcept {
    std::swap(handler_, other.handler_);
    return *this;
  }
  ~handler_ref() {
    if (handler_ != nullptr) release_handler(handler_);
  }
  handler* get() const noexcept { return handler_; }
  handler* leak() noexcept { return std::exchange(handler_, nullptr); }
  explicit operator bool() const noexcept { return handler_ != nullptr; }

 private:
  handler* handler_ = nullptr;
};

}  // namespace detail

// Of a handler: takes only messages that have no more elements than it has parameters.
//   rcv(port, "add", exactly([](int a, int b) { … }))
template <class F>
auto exactly(F&& f) {
  static_assert(
      detail::handler_like<std::decay_t<F>>,
      "exactly: a function or a function object with one call operator is wanted (no `auto` parameters)");
  return detail::exact<std::decay_t<F>>{std::forward<F>(f)};
}

}  // namespace aemp
