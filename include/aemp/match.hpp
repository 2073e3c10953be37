// A pattern is compared with the leading elements of a message: match("child_died", 42), match(_any_, _any_,
// 3). Each element of a pattern is one of
//
//   a value                 an equal element (a number equals the text that spells it)
//   _any_                   any element
//   match(…)                a list whose leading elements match
//   type<T>                 an element that converts to T
//   one_of(a, b, …)         any of the values
//   like("regex")           text that contains a match of the expression (RE2 syntax)
//   any bool(const value&)  an element for which it returns true
//
// A message that is longer than the pattern matches, a shorter one does not.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/message.hpp>

namespace aemp {

struct any_element {};
inline constexpr any_element _any_{};

// Marks the handler for messages that no other handler took: rcv(port, otherwise, f).
struct otherwise_tag {};
inline constexpr otherwise_tag otherwise{};

template <class T>
struct type_element {};
template <class T>
inline constexpr type_element<T> type{};

class AEMP_API pattern {
 public:
  using predicate = std::function<bool(const value&)>;

  // One element. Without a predicate, the element has to equal `equals`.
  struct element {
    value equals;
    predicate test;
    std::string description;
  };

  explicit pattern(std::vector<element> elements) : elements_(std::move(elements)) {}

  bool matches(const message& m) const;
  bool matches(const value& list) const;  // only a list can match

  // Whether the first element is a text. Such patterns are tried before the others.
  bool begins_with_text() const noexcept;
  // A pattern of a single text means the same as that tag.
  std::string to_string() const;

  const std::vector<element>& elements() const noexcept { return elements_; }

 private:
  std::vector<element> elements_;
};

// Throws std::invalid_argument when the expression does not parse.
AEMP_API pattern::predicate like(std::string_view regex);

namespace detail {

AEMP_API pattern::element equal_to(value v);
AEMP_API pattern::element described(pattern::predicate test, std::string description);

struct one_of_element {
  std::vector<value> values;
};

inline pattern::element pattern_element(any_element) {
  return described([](const value&) { return true; }, "_any_");
}
AEMP_API pattern::element pattern_element(pattern nested);
AEMP_API pattern::element pattern_element(one_of_element choice);
template <class T>
pattern::element pattern_element(type_element<T>) {
  return described([](const value& v) { return from_value<T>(v).has_value(); }, std::string(type_name<T>()));
}
template <class T>
pattern::element pattern_element(const T& t) {
  if constexpr (std::is_constructible_v<value, const T&>) {
    return equal_to(value(t));
  } else {
    static_assert(std::is_invocable_r_v<bool, const T&, const value&>,
                  "an element of a pattern is a value, _any_, match(…), type<T>, one_of(…), like(…) or a "
                  "bool(const value&)");
    return described(t, "predicate");
  }
}

}  // namespace detail

template <class... E>
pattern match(E&&... elements) {
  std::vector<pattern::element> list;
  list.reserve(sizeof...(E));
  (list.push_back(detail::pattern_element(std::forward<E>(elements))), ...);
  return pattern(std::move(list));
}

template <class... V>
detail::one_of_element one_of(V&&... values) {
  return {{value(std::forward<V>(values))...}};
}

}  // namespace aemp
