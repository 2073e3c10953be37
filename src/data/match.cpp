#include <aemp/match.hpp>

#include <algorithm>
#include <stdexcept>

#include <re2/re2.h>

namespace aemp {

namespace detail {

pattern::element equal_to(value v) {
  std::string description = v.to_json();
  return {std::move(v), nullptr, std::move(description)};
}

pattern::element described(pattern::predicate test, std::string description) {
  return {value(), std::move(test), std::move(description)};
}

pattern::element pattern_element(pattern nested) {
  std::string description = nested.to_string();
  return described([nested = std::move(nested)](const value& v) { return nested.matches(v); },
                   std::move(description));
}

pattern::element pattern_element(one_of_element choice) {
  std::string description = "one_of" + value(choice.values).to_json();
  return described([values = std::move(choice.values)](
                       const value& v) { return std::find(values.begin(), values.end(), v) != values.end(); },
                   std::move(description));
}

namespace {

bool matches_element(const pattern::element& e, const value& v) { return e.test ? e.test(v) : e.equals == v; }

}  // namespace
}  // namespace detail

bool pattern::matches(const message& m) const {
  if (m.size() < elements_.size()) return false;
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    if (!detail::matches_element(elements_[i], m[i])) return false;
  }
  return true;
}

bool pattern::matches(const value& list) const {
  return list.type() == value::kind::array && list.size() >= elements_.size() &&
         std::equal(elements_.begin(), elements_.end(), list.elements().begin(), detail::matches_element);
}

bool pattern::begins_with_text() const noexcept {
  return !elements_.empty() && !elements_.front().test && elements_.front().equals.is_text();
}

std::string pattern::to_string() const {
  std::string out = "match(";
  for (const element& e : elements_) {
    if (&e != &elements_.front()) out += ", ";
    out += e.description;
  }
  return out + ")";
}

pattern::predicate like(std::string_view regex) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  auto expression = std::make_shared<RE2>(re2::StringPiece(regex.data(), regex.size()), quiet);
  if (!expression->ok()) {
    throw std::invalid_argument("like(\"" + std::string(regex) + "\"): " + expression->error());
  }
  return [expression](const value& v) {
    return v.is_text() && RE2::PartialMatch(re2::StringPiece(v.text().data(), v.text().size()), *expression);
  };
}

}  // namespace aemp
