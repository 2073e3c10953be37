// A result is a value or an error: what functions return that can fail in normal operation. An error has a
// name for programs to compare, and a text that tells a person what happened and what to do. Misuse, and
// failure to start, throw instead.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace aemp {

struct error {
  std::string name;  // stable, for programs: "no_common_auth", "unresolvable"
  std::string text;  // for people
};

template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(aemp::error e) : state_(std::in_place_index<1>, std::move(e)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }

  // value() of an error, and error() of a value, throw std::bad_variant_access.
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  const aemp::error& error() const { return std::get<1>(state_); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, aemp::error> state_;
};

template <>
class [[nodiscard]] result<void> {
 public:
  result() = default;
  result(aemp::error e) : error_(std::move(e)), ok_(false) {}

  explicit operator bool() const noexcept { return ok_; }
  const aemp::error& error() const { return error_; }

 private:
  aemp::error error_;
  bool ok_ = true;
};

}  // namespace aemp
