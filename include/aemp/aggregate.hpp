// How a plain aggregate is taken apart: how many members it has, and references to them. C++20 cannot be asked for that,
// so it is found out with initialisers and structured bindings. For convert.hpp.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace aemp::detail {

// The number of members of an aggregate: how many empty braces it can be initialised with. Values would not
// do, as several of them can fill one inner array.
template <class T>
constexpr std::size_t field_count() {
  // clang-format off
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 0;  // too many
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 12;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 11;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 10;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}, {}}; }) return 9;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}, {}}; }) return 8;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}, {}}; }) return 7;
  if constexpr (requires { T{{}, {}, {}, {}, {}, {}}; }) return 6;
  if constexpr (requires { T{{}, {}, {}, {}, {}}; }) return 5;
  if constexpr (requires { T{{}, {}, {}, {}}; }) return 4;
  if constexpr (requires { T{{}, {}, {}}; }) return 3;
  if constexpr (requires { T{{}, {}}; }) return 2;
  if constexpr (requires { T{{}}; }) return 1;
  // clang-format on
  return 0;
}

// Converts to the bases of T, and to nothing else.
template <class T>
struct any_base_of {
  template <class B>
  requires(std::is_base_of_v<B, T> && !std::is_same_v<B, T>) operator B() const;
};
// An aggregate with a base cannot be taken apart.
template <class T>
concept has_base = requires {
  T{any_base_of<T>{}};
};

// A plain aggregate's members as a tuple of references.
template <class T>
constexpr auto tie_fields(T& t) {
  constexpr std::size_t count = field_count<std::remove_const_t<T>>();
  // clang-format off
  if constexpr (count == 1) { auto& [f0] = t; return std::tie(f0); }
  if constexpr (count == 2) { auto& [f0, f1] = t; return std::tie(f0, f1); }
  if constexpr (count == 3) { auto& [f0, f1, f2] = t; return std::tie(f0, f1, f2); }
  if constexpr (count == 4) { auto& [f0, f1, f2, f3] = t; return std::tie(f0, f1, f2, f3); }
  if constexpr (count == 5) { auto& [f0, f1, f2, f3, f4] = t; return std::tie(f0, f1, f2, f3, f4); }
  if constexpr (count == 6) { auto& [f0, f1, f2, f3, f4, f5] = t; return std::tie(f0, f1, f2, f3, f4, f5); }
  if constexpr (count == 7) { auto& [f0, f1, f2, f3, f4, f5, f6] = t; return std::tie(f0, f1, f2, f3, f4, f5, f6); }
  if constexpr (count == 8) { auto& [f0, f1, f2, f3, f4, f5, f6, f7] = t; return std::tie(f0, f1, f2, f3, f4, f5, f6, f7); }
  if constexpr (count == 9) { auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8] = t; return std::tie(f0, f1, f2, f3, f4, f5, f6, f7, f8); }
  if constexpr (count == 10) { auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9] = t; return std::tie(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9); }
  if constexpr (count == 11) { auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10] = t; return std::tie(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10); }
  if constexpr (count == 12) { auto& [f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11] = t; return std::tie(f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11); }
  // clang-format on
}

}  // namespace aemp::detail
