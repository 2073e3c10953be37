// Checks callbacks at compile time. The library knows which elements it passes to the callbacks of groups,
// the database, node events and logs, so a function that cannot take them does not compile. Otherwise it
// would compile and never be called.
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include <aemp/handler.hpp>

namespace aemp::detail {

// The elements of a callback, and the types that take each.
namespace element {

struct text {
  template <class T>
  static constexpr bool fits = std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>;
};
struct port {
  template <class T>
  static constexpr bool fits = std::is_same_v<T, port_id> || std::is_same_v<T, std::string>;
};
struct boolean {
  template <class T>
  static constexpr bool fits = std::is_arithmetic_v<T>;
};
struct number {
  template <class T>
  static constexpr bool fits = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;
};
struct anything {
  template <class T>
  static constexpr bool fits = convertible<T>();
};

template <class P, class E>
constexpr bool takes() {
  using T = std::remove_cvref_t<P>;
  if constexpr (is_a<T, std::optional>) {
    return takes<typename T::value_type, E>();
  } else {
    return std::is_same_v<T, value> || E::template fits<T>;
  }
}

template <class E>
struct list_of {
  template <class T>
  static constexpr bool fits_elements() {
    if constexpr (is_a<T, std::vector>) {
      return takes<typename T::value_type, E>();
    } else {
      return false;
    }
  }
  template <class T>
  static constexpr bool fits = fits_elements<T>();
};
struct map {
  template <class T>
  static constexpr bool fits = is_string_map<T>;
};

}  // namespace element

// Whether parameters P take a call with the elements E, after which the library may pass more.
template <class Parameters, class... E>
struct callback_of;
template <class... P, class... E>
struct callback_of<std::tuple<P...>, E...> {
  template <std::size_t I>
  static constexpr bool takes_one() {
    using T = std::remove_cvref_t<std::tuple_element_t<I, std::tuple<P...>>>;
    if constexpr (std::is_same_v<T, rest>) {
      return I + 1 == sizeof...(P);
    } else if constexpr (I < sizeof...(E)) {
      return element::takes<T, std::tuple_element_t<I, std::tuple<E...>>>();
    } else {
      return is_a<T, std::optional>;
    }
  }
  template <std::size_t... I>
  static constexpr bool takes_all(std::index_sequence<I...>) {
    return (takes_one<I>() && ...);
  }
  static constexpr bool fits = std::is_same_v<std::tuple<std::remove_cvref_t<P>...>, std::tuple<message>> ||
                               takes_all(std::index_sequence_for<P...>());
};

template <class F, class... E>
inline constexpr bool takes_elements = callback_of<parameters_t<std::decay_t<F>>, E...>::fits;

}  // namespace aemp::detail
