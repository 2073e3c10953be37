#include <aemp/convert.hpp>

#include <charconv>
#include <cmath>
#include <stdexcept>

#include "data/port_value.hpp"
#include "data/utf8.hpp"

namespace aemp::detail {
namespace {

// Text spells a number only if all of it does: not "", " 1" or "1x".
template <class T>
std::optional<T> spelled(std::string_view text) noexcept {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T number{};
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

// The bounds are powers of two, so they are exact. The upper one is excluded.
template <class T>
std::optional<T> whole(double d, double low, double high) noexcept {
  if (!(d >= low && d < high) || std::trunc(d) != d) return {};
  return static_cast<T>(d);
}

constexpr double two_63 = 9223372036854775808.0;
constexpr double two_64 = 18446744073709551616.0;

template <class N>
std::string print(N n) {
  char digits[32];
  auto [end, ec] = std::to_chars(digits, digits + sizeof digits, n);
  return std::string(digits, end);
}

}  // namespace

std::optional<std::int64_t> to_signed(const value& v) noexcept {
  switch (v.type()) {
    case value::kind::integer:
      return v.integer();
    case value::kind::real:
      return whole<std::int64_t>(v.real(), -two_63, two_63);
    case value::kind::boolean:
      return v.boolean() ? 1 : 0;
    case value::kind::text:
    case value::kind::bytes:
      if (auto n = spelled<std::int64_t>(v.text())) return n;
      if (auto d = spelled<double>(v.text())) return whole<std::int64_t>(*d, -two_63, two_63);
      return {};
    default:
      return {};
  }
}

std::optional<std::uint64_t> to_unsigned(const value& v) noexcept {
  switch (v.type()) {
    case value::kind::integer:
      if (v.integer() < 0) return {};
      return static_cast<std::uint64_t>(v.integer());
    case value::kind::unsigned_integer:
      return v.unsigned_integer();
    case value::kind::real:
      return whole<std::uint64_t>(v.real(), 0, two_64);
    case value::kind::boolean:
      return v.boolean() ? 1 : 0;
    case value::kind::text:
    case value::kind::bytes:
      if (auto n = spelled<std::uint64_t>(v.text())) return n;
      if (auto d = spelled<double>(v.text())) return whole<std::uint64_t>(*d, 0, two_64);
      return {};
    default:
      return {};
  }
}

std::optional<double> to_real(const value& v) noexcept {
  switch (v.type()) {
    case value::kind::integer:
      return static_cast<double>(v.integer());
    case value::kind::unsigned_integer:
      return static_cast<double>(v.unsigned_integer());
    case value::kind::real:
      return v.real();
    case value::kind::boolean:
      return v.boolean() ? 1 : 0;
    case value::kind::text:
    case value::kind::bytes:
      return spelled<double>(v.text());
    default:
      return {};
  }
}

// Perl's false is the empty text.
std::optional<bool> to_boolean(const value& v) noexcept {
  if (v.type() == value::kind::boolean) return v.boolean();
  if (v.is_text() && v.text().empty()) return false;
  auto n = to_signed(v);
  if (!n || (*n != 0 && *n != 1)) return {};
  return *n == 1;
}

std::optional<std::string> to_text(const value& v) {
  switch (v.type()) {
    case value::kind::text:
      return std::string(v.text());
    case value::kind::bytes:
      if (!data::is_utf8(v.text())) return {};
      return std::string(v.text());
    case value::kind::integer:
      return print(v.integer());
    case value::kind::unsigned_integer:
      return print(v.unsigned_integer());
    case value::kind::real:
      return print(v.real());
    case value::kind::port:
      return v.port().str();
    default:
      return {};
  }
}

std::optional<bytes> to_bytes(const value& v) {
  if (!v.is_text()) return {};
  const auto* data = reinterpret_cast<const std::byte*>(v.text().data());
  return bytes(data, data + v.text().size());
}

// Every text could be the ID of a node port, so a text is only taken for an ID if it names a port of a node.
std::optional<port_id> to_port(const value& v) {
  if (v.is_text() && v.text().find('#') == std::string_view::npos) return {};
  return to_port_or_node(v);
}

std::optional<port_id> to_port_or_node(const value& v) {
  if (v.type() == value::kind::port) return v.port();
  if (!v.is_text() || !data::is_utf8(v.text())) return {};
  auto parsed = port_id::parse(v.text());
  if (!parsed) return {};
  return std::move(*parsed);
}

void throw_bad_conversion(const value& v, std::string_view asked_for) {
  throw std::invalid_argument("value is " + std::string(name_of(v.type())) + " (" + v.to_string() + "), " +
                              std::string(asked_for) + " expected");
}

}  // namespace aemp::detail
