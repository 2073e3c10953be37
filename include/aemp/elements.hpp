// How the arguments of snd are stored in a message's block: one after the other, at offsets known at compile
// time. One constant table per list of types says where each element lies and what it is. Code that does not
// know the types reads that table, so no functions have to be generated for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <aemp/export.hpp>
#include <aemp/value.hpp>

namespace aemp::detail {

// Identifies a C++ type, or a list of types: an address that is compared and never read. It is the same in a program
// and in all shared objects that it loads.
using type_key = const void*;
template <class... T>
AEMP_API inline constexpr char type_anchor = 0;
template <class... T>
constexpr type_key type_key_of() {
  return &type_anchor<T...>;
}

// A literal tag, kept in the block. Its array may have been longer: text ends at the first NUL, as
// everywhere.
template <std::size_t N>
struct literal {
  char text[N == 0 ? 1 : N];
  std::string_view view() const noexcept {
    const std::string_view all(text, N);
    return all.substr(0, all.find('\0'));
  }
};

template <class T>
inline constexpr bool is_literal = false;
template <std::size_t N>
inline constexpr bool is_literal<literal<N>> = true;

// The type in which an argument of snd is stored.
template <class A>
struct stored {
  using decayed = std::decay_t<A>;
  using type = std::conditional_t<std::is_same_v<decayed, const char*> || std::is_same_v<decayed, char*> ||
                                      std::is_same_v<decayed, std::string_view>,
                                  std::string, decayed>;
};
template <class A>
using stored_t = typename stored<A>::type;

template <class A>
struct stored_first : stored<A> {};
template <std::size_t N>
struct stored_first<const char (&)[N]> {
  using type = literal<N - 1>;
};

template <class T>
value element_value(const T& t) {
  if constexpr (is_literal<T>) {
    return value(t.view());
  } else {
    return to_value(t);
  }
}

template <class T>
constexpr bool has_wire_form() {
  if constexpr (is_literal<T>) {
    return true;
  } else {
    return convertible<T>();
  }
}

template <class T>
inline constexpr bool has_fixed_size = std::is_arithmetic_v<T> || is_literal<T> ||
                                       std::is_same_v<T, port_id> || std::is_same_v<T, std::nullptr_t>;

// A tag is text that comes first.
template <class First>
inline constexpr bool is_tag = is_literal<First> || std::is_same_v<First, std::string>;

// The kinds that encoders write without making a value first.
enum class element_kind : std::uint8_t { value, text, int32, uint32, int64, real, other };

template <class T>
constexpr element_kind element_kind_of() {
  if constexpr (std::is_same_v<T, value>) {
    return element_kind::value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return element_kind::text;
  } else if constexpr (std::is_same_v<T, double>) {
    return element_kind::real;
  } else if constexpr (std::is_same_v<T, int>) {
    return element_kind::int32;
  } else if constexpr (std::is_same_v<T, unsigned>) {
    return element_kind::uint32;
  } else if constexpr (std::is_same_v<T, long> || std::is_same_v<T, long long>) {
    return sizeof(T) == 8 ? element_kind::int64 : element_kind::other;
  } else {
    return element_kind::other;
  }
}

// One element of a list of types.
struct element_place {
  type_key type;
  value (*to_value)(const void* object);
  std::uint32_t offset;  // from the start of the block
  element_kind kind;
};

// Like a std::tuple, which does not say where its members lie.
template <class... T>
struct elements {};

template <class T>
struct elements<T> {
  T head;

  template <class A>
  explicit elements(A&& a) : head(std::forward<A>(a)) {}
};

template <class T, class Next, class... More>
struct elements<T, Next, More...> {
  T head;
  elements<Next, More...> tail;

  template <class A, class... B>
  explicit elements(A&& a, B&&... b) : head(std::forward<A>(a)), tail(std::forward<B>(b)...) {}
};

template <std::size_t I, class... T>
[[gnu::always_inline]] constexpr auto& element_at(elements<T...>& all) {
  if constexpr (I == 0) {
    return all.head;
  } else {
    return element_at<I - 1>(all.tail);
  }
}

// The standard makes offsetof conditionally supported for such classes. Our compilers support it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

template <class Elements, std::size_t I>
constexpr std::size_t offset_of_element() {
  if constexpr (I == 0) {
    return offsetof(Elements, head);
  } else {
    return offsetof(Elements, tail) + offset_of_element<decltype(Elements::tail), I - 1>();
  }
}

// The places of `first` and of the elements in `rest`, in a Block.
template <class Block, class First, class... Rest>
constexpr auto places_in() {
  constexpr auto place = []<class T>(std::type_identity<T>, std::size_t offset) {
    const auto as_value = [](const void* object) { return element_value(*static_cast<const T*>(object)); };
    return element_place{type_key_of<T>(), as_value, static_cast<std::uint32_t>(offset),
                         element_kind_of<T>()};
  };
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array{place(std::type_identity<First>(), offsetof(Block, first)),
                      place(std::type_identity<Rest>(),
                            offsetof(Block, rest) + offset_of_element<elements<Rest...>, I>())...};
  }
  (std::index_sequence_for<Rest...>());
}

#pragma GCC diagnostic pop

}  // namespace aemp::detail

namespace aemp {

// Whether an element of this type can leave the process. Any other can be sent to ports of this process only: snd to
// another node throws unsendable, which names the element and its type.
template <class T>
inline constexpr bool sendable = detail::has_wire_form<detail::stored_t<const T&>>();

}  // namespace aemp
