// How C++ types become values and values become C++ types: the rules by which the parameters of a handler
// take the elements of a message.
//
//   C++ type                               takes
//   ------------------------------------   ------------------------------------------------------------------
//   integers, float, double, bool          numbers, text that spells a number, booleans; the value must fit
//   std::string                            text, bytes that are valid UTF-8, numbers, port IDs
//   aemp::bytes                            text and bytes
//   aemp::port_id                          port IDs, and text of the form node#name
//   std::vector, std::array, std::tuple,   lists whose elements convert
//   std::pair
//   std::map, std::unordered_map           maps whose values convert; the keys are std::string
//   std::optional<T>                       null, which is empty, and what T takes
//   std::variant                           a list of the alternative's index and what it takes
//   enumerations                           numbers, those of the underlying type
//   std::chrono durations, time points     numbers: so many of the type's own unit, since 1970 for a time point
//   of system_clock
//   aemp::port_to<contract>                as port_id
//   an aggregate of up to twelve members   a list of its members, if they all convert; you write nothing
//   any other type                         what its hook says
//
// A hook stands next to its type, is found by ADL, and serves both directions. The type needs a default
// constructor.
//
//   template <class Fields> void aemp_fields(Fields& fields, point& p) { fields(p.x, p.y); }
//
// A conversion never throws. If an element does not convert, the message goes to the next handler.
#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>

#include <aemp/aggregate.hpp>
#include <aemp/export.hpp>
#include <aemp/value_class.hpp>

namespace aemp::detail {

// Compiled once: the conversions that do not depend on the C++ type.
AEMP_API std::optional<std::int64_t> to_signed(const value& v) noexcept;
AEMP_API std::optional<std::uint64_t> to_unsigned(const value& v) noexcept;
AEMP_API std::optional<double> to_real(const value& v) noexcept;
AEMP_API std::optional<bool> to_boolean(const value& v) noexcept;
AEMP_API std::optional<std::string> to_text(const value& v);
AEMP_API std::optional<bytes> to_bytes(const value& v);
AEMP_API std::optional<port_id> to_port(const value& v);

template <class T, template <class...> class Of>
inline constexpr bool is_a = false;
template <class... A, template <class...> class Of>
inline constexpr bool is_a<Of<A...>, Of> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_string_map = false;
template <class T, class... R>
inline constexpr bool is_string_map<std::map<std::string, T, R...>> = true;
template <class T, class... R>
inline constexpr bool is_string_map<std::unordered_map<std::string, T, R...>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class R, class P>
inline constexpr bool is_duration<std::chrono::duration<R, P>> = true;
template <class T>
inline constexpr bool is_calendar_time = false;
template <class D>
inline constexpr bool is_calendar_time<std::chrono::time_point<std::chrono::system_clock, D>> = true;

// A class that is a port ID with a meaning: port_to.
template <class T>
concept wraps_port_id = std::is_constructible_v<T, port_id> &&
                        std::is_convertible_v<const T&, const port_id&> && !std::is_same_v<T, port_id> &&
                        !std::is_same_v<T, value>;

struct probe_fields {
  template <class... F>
  void operator()(F&...) {}
};
template <class T>
concept has_fields_hook = requires(probe_fields f, T& t) {
  aemp_fields(f, t);
};

template <class T>
concept plain_aggregate =
    std::is_aggregate_v<T> && std::is_class_v<T> && !is_std_array<T> && std::is_default_constructible_v<T> &&
    std::is_copy_constructible_v<T> && !has_base<T> && (field_count<T>() > 0);

template <class T>
constexpr bool convertible();

template <class Tuple, std::size_t... I>
constexpr bool convertible_members(std::index_sequence<I...>) {
  return (convertible<std::remove_cvref_t<std::tuple_element_t<I, Tuple>>>() && ...);
}
template <class Tuple>
constexpr bool convertible_members() {
  return convertible_members<Tuple>(std::make_index_sequence<std::tuple_size_v<Tuple>>());
}

template <class Variant, std::size_t... I>
constexpr bool convertible_alternatives(std::index_sequence<I...>) {
  return (convertible<std::variant_alternative_t<I, Variant>>() && ...);
}

// Whether T has a wire form. A message with an element that has none cannot leave the process.
template <class T>
constexpr bool convertible() {
  if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, value> || std::is_same_v<T, std::string> ||
                std::is_same_v<T, std::string_view> || std::is_same_v<T, bytes> ||
                std::is_same_v<T, port_id> || std::is_same_v<T, std::nullptr_t> || has_fields_hook<T> ||
                std::is_same_v<T, std::monostate> || std::is_enum_v<T> || wraps_port_id<T>) {
    return true;
  } else if constexpr (is_duration<T>) {
    return convertible<typename T::rep>();
  } else if constexpr (is_calendar_time<T>) {
    return convertible<typename T::duration>();
  } else if constexpr (is_a<T, std::variant>) {
    return convertible_alternatives<T>(std::make_index_sequence<std::variant_size_v<T>>());
  } else if constexpr (is_a<T, std::vector> || is_a<T, std::optional> || is_std_array<T>) {
    return convertible<typename T::value_type>();
  } else if constexpr (is_string_map<T>) {
    return convertible<typename T::mapped_type>();
  } else if constexpr (is_a<T, std::tuple> || is_a<T, std::pair>) {
    return convertible_members<T>();
  } else if constexpr (plain_aggregate<T>) {
    return convertible_members<decltype(tie_fields(std::declval<T&>()))>();
  } else {
    return false;
  }
}

template <class T>
value to_value(const T& t);

struct collect_fields {
  value::array elements;
  template <class... F>
  void operator()(F&... f) {
    (elements.push_back(to_value(f)), ...);
  }
};

template <class T>
value to_value(const T& t) {
  if constexpr (std::is_constructible_v<value, const T&>) {
    return value(t);
  } else if constexpr (is_a<T, std::optional>) {
    return t ? to_value(*t) : value();
  } else if constexpr (wraps_port_id<T>) {
    return value(static_cast<const port_id&>(t));
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    return value();
  } else if constexpr (std::is_enum_v<T>) {
    return to_value(static_cast<std::underlying_type_t<T>>(t));
  } else if constexpr (is_duration<T>) {
    return to_value(t.count());
  } else if constexpr (is_calendar_time<T>) {
    return to_value(t.time_since_epoch());
  } else if constexpr (is_a<T, std::variant>) {
    return value::array{value(t.index()), std::visit([](const auto& v) { return to_value(v); }, t)};
  } else if constexpr (is_a<T, std::vector> || is_std_array<T>) {
    value::array out;
    out.reserve(t.size());
    for (const typename T::value_type& e : t) out.push_back(to_value(e));
    return out;
  } else if constexpr (is_string_map<T>) {
    value::map out;
    for (const auto& [k, v] : t) out.emplace(k, to_value(v));
    return out;
  } else if constexpr (is_a<T, std::tuple> || is_a<T, std::pair>) {
    value::array out;
    std::apply([&](const auto&... e) { (out.push_back(to_value(e)), ...); }, t);
    return out;
  } else if constexpr (has_fields_hook<T>) {
    collect_fields fields;
    aemp_fields(fields, const_cast<T&>(t));  // one hook serves both directions; this one only reads
    return std::move(fields.elements);
  } else if constexpr (plain_aggregate<T>) {
    return to_value(tie_fields(t));
  } else {
    return value::object_of(typeid(T));
  }
}

template <class T>
std::optional<T> from_value(const value& v);

template <class T>
bool assign_from(const value& v, T& out) {
  std::optional<T> converted = from_value<T>(v);
  if (converted) out = std::move(*converted);
  return converted.has_value();
}

template <class Tuple>
bool assign_members(const value& v, Tuple&& members) {
  if (v.type() != value::kind::array || v.size() < std::tuple_size_v<std::remove_cvref_t<Tuple>>)
    return false;
  std::size_t i = 0;
  return std::apply([&](auto&... m) { return (assign_from(v[i++], m) && ...); }, members);
}

struct assign_fields {
  const value& from;
  bool ok = false;
  template <class... F>
  void operator()(F&... f) {
    ok = assign_members(from, std::tie(f...));
  }
};

template <class T>
std::optional<T> from_number(const value& v) {
  if constexpr (std::is_same_v<T, bool>) {
    return to_boolean(v);
  } else if constexpr (std::is_floating_point_v<T>) {
    const auto d = to_real(v);
    if (d && (!std::isfinite(*d) ||
              (*d >= std::numeric_limits<T>::lowest() && *d <= std::numeric_limits<T>::max()))) {
      return static_cast<T>(*d);
    }
  } else if constexpr (std::is_signed_v<T>) {
    const auto n = v.type() == value::kind::integer ? std::optional(v.integer()) : to_signed(v);
    if (n && *n >= std::numeric_limits<T>::min() && *n <= std::numeric_limits<T>::max())
      return static_cast<T>(*n);
  } else {
    auto n = to_unsigned(v);
    if (n && *n <= std::numeric_limits<T>::max()) return static_cast<T>(*n);
  }
  return {};
}

template <class T, std::size_t... I>
std::optional<T> variant_from(std::size_t index, const value& v, std::index_sequence<I...>) {
  std::optional<T> out;
  const auto take = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
    if (auto one = from_value<std::variant_alternative_t<N, T>>(v))
      out.emplace(std::in_place_index<N>, std::move(*one));
  };
  (void)((I == index && (take(std::integral_constant<std::size_t, I>()), true)) || ...);
  return out;
}

template <class T>
std::optional<T> from_value(const value& v) {
  if constexpr (std::is_same_v<T, value>) {
    return v;
  } else if constexpr (std::is_arithmetic_v<T>) {
    return from_number<T>(v);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return to_text(v);
  } else if constexpr (std::is_same_v<T, bytes>) {
    return to_bytes(v);
  } else if constexpr (std::is_same_v<T, port_id>) {
    return to_port(v);
  } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
    if (v.is_null()) return nullptr;
    return {};
  } else if constexpr (wraps_port_id<T>) {
    if (auto port = to_port(v)) return T(std::move(*port));
    return {};
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    if (v.is_null()) return T();
    return {};
  } else if constexpr (std::is_enum_v<T>) {
    if (auto n = from_number<std::underlying_type_t<T>>(v)) return static_cast<T>(*n);
    return {};
  } else if constexpr (is_duration<T>) {
    if (auto n = from_value<typename T::rep>(v)) return T(*n);
    return {};
  } else if constexpr (is_calendar_time<T>) {
    if (auto d = from_value<typename T::duration>(v)) return T(*d);
    return {};
  } else if constexpr (is_a<T, std::variant>) {
    const auto index = v.type() == value::kind::array && v.size() == 2 ? to_unsigned(v[0]) : std::nullopt;
    if (!index || *index >= std::variant_size_v<T>) return {};
    return variant_from<T>(*index, v[1], std::make_index_sequence<std::variant_size_v<T>>());
  } else if constexpr (is_a<T, std::optional>) {
    if (v.is_null()) return std::make_optional(T{});
    if (auto inner = from_value<typename T::value_type>(v)) return std::make_optional(T(std::move(*inner)));
    return {};
  } else if constexpr (is_a<T, std::vector>) {
    if (v.type() != value::kind::array) return {};
    T out;
    out.reserve(v.size());
    for (const value& e : v.elements()) {
      auto converted = from_value<typename T::value_type>(e);
      if (!converted) return {};
      out.push_back(std::move(*converted));
    }
    return out;
  } else if constexpr (is_string_map<T>) {
    if (v.type() != value::kind::map) return {};
    T out;
    for (const auto& [k, e] : v.entries()) {
      auto converted = from_value<typename T::mapped_type>(e);
      if (!converted) return {};
      out.emplace(k, std::move(*converted));
    }
    return out;
  } else if constexpr (is_a<T, std::tuple> || is_a<T, std::pair> || is_std_array<T>) {
    T out{};
    if (!assign_members(v, out)) return {};
    return out;
  } else if constexpr (has_fields_hook<T>) {
    T out{};
    assign_fields fields{v};
    aemp_fields(fields, out);
    if (!fields.ok) return {};
    return out;
  } else if constexpr (convertible<T>()) {
    T out{};
    if (!assign_members(v, tie_fields(out))) return {};
    return out;
  } else {
    return {};  // a C++ object is never made from a value
  }
}

// What a person calls T: "int", "text", "list". For messages about an element that did not convert.
template <class T>
constexpr std::string_view type_name() {
  if constexpr (std::is_same_v<T, bool>) return "boolean";
  if constexpr (std::is_same_v<T, int>) return "int";
  if constexpr (std::is_floating_point_v<T>) return "number";
  if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T>) return "unsigned integer";
  if constexpr (std::is_integral_v<T>) return "integer";
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>) return "text";
  if constexpr (std::is_same_v<T, bytes>) return "bytes";
  if constexpr (std::is_same_v<T, port_id> || wraps_port_id<T>) return "port";
  if constexpr (std::is_same_v<T, std::monostate>) return "null";
  if constexpr (std::is_enum_v<T>) return type_name<std::underlying_type_t<T>>();
  if constexpr (is_duration<T>) return type_name<typename T::rep>();
  if constexpr (is_calendar_time<T>) return type_name<typename T::duration>();
  if constexpr (is_a<T, std::optional>) return type_name<typename T::value_type>();
  if constexpr (is_string_map<T>) return "map";
  if constexpr (convertible<T>()) return "list";
  return "object";
}

[[noreturn]] AEMP_API void throw_bad_conversion(const value& v, std::string_view asked_for);

}  // namespace aemp::detail

namespace aemp {

template <class T>
std::optional<T> value::to() const {
  return detail::from_value<T>(*this);
}

template <class T>
T value::as() const {
  std::optional<T> converted = detail::from_value<T>(*this);
  if (!converted) detail::throw_bad_conversion(*this, detail::type_name<T>());
  return std::move(*converted);
}

}  // namespace aemp
