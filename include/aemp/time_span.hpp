// A span of time as an argument: after(5s, f), within(200ms). A number alone is none, and the compiler says so.
#pragma once

#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>

namespace aemp {

namespace detail {

template <class T>
inline constexpr bool is_time = std::is_convertible_v<T, std::chrono::nanoseconds>;

template <class T>
constexpr void refuse_time() {
  static_assert(is_time<T>,
                "a time has a unit, as in 5s or 200ms (using namespace std::chrono_literals), and "
                "stands in front of the function");
}

}  // namespace detail

class time_span {
 public:
  template <class T>
  requires detail::is_time<T>
  constexpr time_span(const T& t) noexcept : time_(t) {}
  template <class T>
  requires std::is_arithmetic_v<T>
  constexpr time_span(const T&) noexcept { detail::refuse_time<T>(); }

  constexpr operator std::chrono::nanoseconds() const noexcept { return time_; }

 private:
  std::chrono::nanoseconds time_{0};
};

// A time in the configuration, which may be left to its default.
class optional_time : public std::optional<std::chrono::nanoseconds> {
 public:
  using base = std::optional<std::chrono::nanoseconds>;

  constexpr optional_time() noexcept = default;
  constexpr optional_time(std::nullopt_t) noexcept {}
  constexpr optional_time(const base& other) noexcept : base(other) {}
  template <class T>
  requires detail::is_time<T>
  constexpr optional_time(const T& t) noexcept : base(std::chrono::nanoseconds(t)) {}
  template <class T>
  requires(std::is_arithmetic_v<T>) constexpr optional_time(const T&) noexcept { detail::refuse_time<T>(); }

  template <class T>
  requires std::is_same_v<T, optional_time>
  friend constexpr bool operator==(const T& a, const T& b) noexcept {
    return static_cast<const base&>(a) == static_cast<const base&>(b);
  }
};

}  // namespace aemp
