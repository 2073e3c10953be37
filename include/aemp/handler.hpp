// How a callable becomes a handler: the parameter types of a lambda are taken apart once, at compile time,
// and what is left is an object with one indirect call. Users meet only keep, done and rest.
//
// A parameter takes an element by the rules of convert.hpp. `const value&` takes anything, a last parameter
// of type `rest` takes what remains, `const message&` alone takes the whole message, std::optional also takes
// what is missing, std::string_view is text that lives until the handler returns.
//
// A parameter of type T&&, or of a type that can only be moved, gets the element itself when nobody else has
// the message. Otherwise it gets a copy, and where there can be none, the handler does not take the message.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include <aemp/match.hpp>
#include <aemp/message.hpp>

namespace aemp {

// What a handler may return: keep (like void) stays registered, done (like true) is removed.
enum class disposition { keep, done };
inline constexpr disposition keep = disposition::keep;
inline constexpr disposition done = disposition::done;

// The elements that no other parameter took. As a last parameter.
struct rest {
  std::vector<value> elements;
  std::size_t size() const noexcept { return elements.size(); }
  const value& operator[](std::size_t i) const { return elements.at(i); }
};

namespace detail {

enum class outcome : std::uint8_t { refused, keep, done };

// Why a handler did not take a message.
struct mismatch {
  std::size_t element = 0;
  std::string found;       // "text", or "missing"
  std::string_view asked;  // "int"
};

struct handler;

struct handler_ops {
  outcome (*call)(handler& h, block& b, std::size_t skip, mismatch* why);
  void (*destroy)(handler& h) noexcept;
};

// Owned by one worker, so the count is plain. `size_class` is how it was allocated.
struct handler {
  const handler_ops* ops;
  std::uint32_t refs = 1;
  std::uint16_t size_class = 0;
  bool removed = false;
  bool has_pattern = false;
  union {
    const std::string* long_tag = nullptr;  // the tag, where its key does not say it all
    const pattern* match;                   // has_pattern
  };
};

void release_handler(handler* h) noexcept;

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

// Whether a parameter wants to have the element itself.
template <class P>
inline constexpr bool takes_over =
    std::is_rvalue_reference_v<P> || !std::is_copy_constructible_v<std::remove_cvref_t<P>>;

// Whether nobody else has the message, nor will get it.
inline bool has_one_holder(const block& b) noexcept { return b.refs.load(std::memory_order_acquire) == 1; }

inline outcome refuse_shared(std::size_t element, mismatch* why) {
  if (why != nullptr) *why = {element, "an object that others receive too", "one that can be copied"};
  return outcome::refused;
}

// One parameter while a message is being taken apart: the element itself where the types are equal, else a
// converted copy.
template <class P>
class argument {
 public:
  using type = std::remove_cvref_t<P>;
  static constexpr bool is_view =
      std::is_same_v<type, std::string_view>;  // lives as long as the message, or as this
  static_assert(
      !(std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>),
      "a handler takes its parameters by value or by const reference: a message may have other receivers");

  bool take(block& b, std::size_t i, std::size_t size, mismatch* why) {
    if constexpr (std::is_same_v<type, rest>) {
      converted_.emplace();
      for (; i < size; ++i) converted_->elements.push_back(value_of(b, i));
      return true;
    } else if constexpr (is_a<type, std::optional>) {
      if (i >= size) {
        converted_.emplace();
        return true;
      }
      return take_element(b, i, why);
    } else {
      if (i < size) return take_element(b, i, why);
      if (why != nullptr) *why = {i, "missing", type_name<type>()};
      return false;
    }
  }

  decltype(auto) get() {
    if constexpr (is_view) {
      return found_;
    } else if constexpr (!takes_over<P>) {
      return static_cast<const type&>(here_ != nullptr ? *here_ : *converted_);
    } else {
      if constexpr (is_a<type, std::optional>) {
        if (inner_ != nullptr) converted_.emplace(std::move(*inner_));
      }
      return static_cast<type&&>(here_ != nullptr ? *here_ : *converted_);
    }
  }

 private:
  bool take_element(block& b, std::size_t i, mismatch* why) {
    return b.what == block::kind::values ? take_value(b, static_cast<values_block&>(b).begin()[i], i, why)
                                         : take_object(b, i, why);
  }

  // The element itself, or a copy where it is wanted and others have it, too.
  bool take_itself(block& b, type& element, std::size_t i, mismatch* why) {
    here_ = &element;
    if constexpr (takes_over<P>) {
      if (!has_one_holder(b)) {
        if constexpr (std::is_copy_constructible_v<type>) {
          converted_.emplace(std::as_const(element));
          here_ = nullptr;
        } else {
          (void)refuse_shared(i, why);
          return false;
        }
      }
    }
    return true;
  }

  bool take_value(block& b, value& v, std::size_t i, mismatch* why) {
    if constexpr (std::is_same_v<type, value>) {
      return take_itself(b, v, i, why);
    } else if constexpr (is_view) {
      if (v.type() == value::kind::text) {
        found_ = v.text();
        return true;
      }
    }
    return convert(v, i, why);
  }

  bool take_object(block& b, std::size_t i, mismatch* why) {
    const element_place& place = b.ops->places[i];
    void* const object = object_at(b, place);
    if constexpr (is_view) {
      if (place.kind == element_kind::text) {
        found_ = *static_cast<const std::string*>(object);
        return true;
      }
    }
    if (place.type == type_key_of<type>()) return take_itself(b, *static_cast<type*>(object), i, why);
    if constexpr (is_a<type, std::optional>) {
      using inner = typename type::value_type;
      if (place.type == type_key_of<inner>()) return take_inner(b, *static_cast<inner*>(object), i, why);
    }
    if (place.kind == element_kind::value) return take_value(b, *static_cast<value*>(object), i, why);
    return convert(place.to_value(object), i, why);
  }

  // What an optional holds; moved only when it is asked for, since another parameter may still refuse.
  template <class T>
  bool take_inner(block& b, T& element, std::size_t i, mismatch* why) {
    if constexpr (std::is_copy_constructible_v<T>) {
      converted_.emplace(std::as_const(element));
      return true;
    } else {
      inner_ = &element;
      if (has_one_holder(b)) return true;
      (void)refuse_shared(i, why);
      return false;
    }
  }

  bool convert(const value& v, std::size_t i, mismatch* why) {
    converted_ = converted(v, i, why);
    if (!converted_) return false;
    if constexpr (is_view) found_ = *converted_;
    return true;
  }

  using kept = std::conditional_t<is_view, std::string, type>;

  [[gnu::noinline]] static std::optional<kept> converted(const value& v, std::size_t i, mismatch* why) {
    std::optional<kept> c = from_value<kept>(v);
    if (!c && why != nullptr) *why = {i, std::string(name_of(v.type())), type_name<type>()};
    return c;
  }

  using found_t = std::conditional_t<is_view, type, std::monostate>;
  template <class T>
  struct inner_of {
    using pointer = std::monostate;
  };
  template <class T>
  struct inner_of<std::optional<T>> {
    using pointer = T*;
  };

  type* here_ = nullptr;  // the element itself
  [[no_unique_address]] typename inner_of<type>::pointer inner_{};
  std::optional<kept> converted_;
  [[no_unique_address]] found_t found_{};  // a view of it
};

// An element that lies in the block, as the parameter P wants it. Sole: nobody else has it.
template <class P, bool Sole, class T>
[[gnu::always_inline]] inline decltype(auto) hand_over(T& element) {
  static_assert(
      !(std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>),
      "a handler takes its parameters by value or by const reference: a message may have other receivers");
  if constexpr (!takes_over<P>) {
    return static_cast<const T&>(element);
  } else if constexpr (Sole) {
    return static_cast<T&&>(element);
  } else {
    return T(std::as_const(element));
  }
}

// The kind of value that becomes a T without anything that has to be kept while the handler runs; for T
// value, every kind does.
template <class T>
constexpr value::kind kind_for() {
  if constexpr (std::is_same_v<T, bool>) {
    return value::kind::boolean;
  } else if constexpr (std::is_same_v<T, int> || std::is_same_v<T, long> || std::is_same_v<T, long long>) {
    return value::kind::integer;
  } else if constexpr (std::is_same_v<T, double>) {
    return value::kind::real;
  } else if constexpr (std::is_same_v<T, std::string_view> || std::is_same_v<T, std::string>) {
    return value::kind::text;
  } else if constexpr (std::is_same_v<T, port_id>) {
    return value::kind::port;
  } else {
    return value::kind::object;
  }
}
template <class T>
inline constexpr bool is_plain = std::is_same_v<T, value> || kind_for<T>() != value::kind::object;

template <class T>
[[gnu::always_inline]] inline bool is_plainly_a(const value& v) {
  if constexpr (std::is_same_v<T, value>) return true;
  if constexpr (kind_for<T>() == value::kind::integer)
    return v.type() == value::kind::integer && std::in_range<T>(v.integer());
  return v.type() == kind_for<T>();
}

// Such a value, as the parameter P wants it.
template <class P, bool Sole>
[[gnu::always_inline]] inline decltype(auto) plainly(value& v) {
  using T = std::remove_cvref_t<P>;
  if constexpr (std::is_same_v<T, value>) {
    return hand_over<P, Sole>(v);
  } else if constexpr (std::is_same_v<T, bool>) {
    return v.boolean();
  } else if constexpr (kind_for<T>() == value::kind::integer) {
    return static_cast<T>(v.integer());
  } else if constexpr (std::is_same_v<T, double>) {
    return v.real();
  } else if constexpr (std::is_same_v<T, port_id>) {
    return port_id(v.port());
  } else {
    return T(v.text());
  }
}

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

// A message on loan: no count is touched unless the handler copies it.
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
  // `skip` is 1 for a tag's handler, which gets what follows the tag, and 0 for one that gets the whole
  // message.
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

  // Calls with true when elements may be moved, with false when they have to be copied. Most handlers want
  // neither, and pay nothing.
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

template <class F>
struct typed_handler : handler {
  F f;

  template <class G>
  explicit typed_handler(G&& g) : f(std::forward<G>(g)) {}

  static outcome call(handler& h, block& b, std::size_t skip, mismatch* why) {
    return caller<F, parameters_t<F>>::call(static_cast<typed_handler&>(h).f, b, skip, why);
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
  static_assert(handler_like<closure>,
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
}  // namespace aemp
