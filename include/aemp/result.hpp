// What can fail in normal operation returns a result: a value, or an error with a name that programs can
// compare and a text that tells a person what happened and what to do. Misuse and failures at start-up throw
// instead.
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

  // Calling value() on an error, or error() on a value, is misuse and throws std::bad_variant_access.
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
