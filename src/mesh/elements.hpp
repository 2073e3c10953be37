// What messages of the global protocols are made of, read from whatever a peer has sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/database.hpp"

namespace aemp::mesh {

inline std::optional<std::vector<std::string>> strings_of(const value& v) {
  std::vector<std::string> out;
  if (v.is_null()) return out;
  if (v.type() != value::kind::array) return {};
  for (const value& e : v.elements()) {
    if (!e.is_text() && !e.is_number() && e.type() != value::kind::port) return {};
    out.push_back(e.to_string());
  }
  return out;
}

// Null is as good as an empty map.
inline std::optional<core::family_content> family_of(const value& v) {
  if (v.is_null()) return core::family_content{};
  if (v.type() != value::kind::map) return {};
  return v.entries();
}

inline std::optional<core::families> families_of(const value& v) {
  core::families out;
  if (v.is_null()) return out;
  if (v.type() != value::kind::map) return {};
  for (const auto& [family, content] : v.entries()) {
    auto keys = family_of(content);
    if (!keys) return {};
    if (!keys->empty()) out.emplace(family, std::move(*keys));
  }
  return out;
}

inline value value_of(const core::families& all) {
  value::map out;
  for (const auto& [family, content] : all) out.emplace(family, value(content));
  return value(std::move(out));
}

inline value value_of(const std::vector<std::string>& list) {
  return value(value::array(list.begin(), list.end()));
}

}  // namespace aemp::mesh
