// Reads the elements of the global protocols' messages from what a peer has sent. Words are checked here, where
// they enter the node (core/words.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/database.hpp"
#include "core/words.hpp"

namespace aemp::mesh {

inline bool is_family(std::string_view text) { return !text.empty() && core::is_name(text); }
// Of the reserved families the keys are node IDs.
inline bool is_key_of(std::string_view family, std::string_view key) {
  return family.starts_with("'") ? core::is_node_name(key) : core::is_key(key);
}

inline bool is_port_of(std::string_view key, std::string_view node) {
  return key.size() > node.size() && key.starts_with(node) && key[node.size()] == '#';
}

// A list of words of one sort; null is as good as an empty one.
inline std::optional<std::vector<std::string>> words_of(const value& v, bool (*is_word)(std::string_view)) {
  std::vector<std::string> out;
  if (v.is_null()) return out;
  if (v.type() != value::kind::array) return {};
  for (const value& e : v.elements()) {
    auto word = core::word_in(e, is_word);
    if (!word) return {};
    out.push_back(std::move(*word));
  }
  return out;
}
inline std::optional<std::vector<std::string>> keys_of(const value& v) { return words_of(v, core::is_key); }
// "host:port" each.
inline std::optional<std::vector<std::string>> places_of(const value& v) {
  return words_of(v, core::is_greeting_word);
}

// Null is as good as an empty map. Keys become text (core::as_text).
inline std::optional<core::family_content> family_of(const value& v) {
  if (v.is_null()) return core::family_content{};
  if (v.type() != value::kind::map) return {};
  core::family_content all = v.entries();
  for (auto at = all.begin(); at != all.end();) {
    const auto entry = at++;
    if (data::is_utf8(entry->first)) continue;
    auto taken = all.extract(entry);
    taken.key() = data::utf8_of_latin1(taken.key());
    all.insert(std::move(taken));
  }
  return all;
}

inline value value_of(core::families all) {
  value::map out;
  for (auto& [family, content] : all) out.emplace(family, value(std::move(content)));
  return value(std::move(out));
}

inline value value_of(const std::vector<std::string>& list) {
  return value(value::array(list.begin(), list.end()));
}

}  // namespace aemp::mesh
