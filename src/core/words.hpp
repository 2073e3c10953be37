// Which words other nodes may choose: names of ports, functions, groups and families; keys of the database; IDs of nodes;
// and words that become part of a greeting. They are checked where a peer's message enters, so the rest of the library
// need not check them again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <aemp/value.hpp>

#include "data/utf8.hpp"

namespace aemp::core {

inline constexpr std::size_t longest_node_id = 255;
inline constexpr std::size_t longest_name = 1024;
inline constexpr std::size_t longest_key = 4096;
inline constexpr std::size_t longest_greeting_word = 300;

inline bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Words are UTF-8. Perl has bytes, too, where no character is above U+00FF, and means these characters.
inline std::string as_text(std::string word) {
  return data::is_utf8(word) ? std::move(word) : data::utf8_of_latin1(word);
}

// Of a port, a function, a group or a family.
inline bool is_name(std::string_view text) {
  return text.size() <= longest_name && std::ranges::none_of(text, is_control);
}
inline bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= longest_key && data::is_utf8(text);
}
// A node ID that fits into a noderef and a greeting; the same as wire::is_node_id.
inline bool is_node_name(std::string_view text) {
  return !text.empty() && text.size() <= longest_node_id &&
         std::ranges::none_of(text, [](char c) { return c == ';' || c == '#' || is_control(c); });
}
// The value of a key of a greeting, which ends at a semicolon. It may have commas: the IDs of some nodes do.
inline bool is_greeting_word(std::string_view text) {
  return !text.empty() && text.size() <= longest_greeting_word &&
         std::ranges::none_of(text, [](char c) { return c == ';' || is_control(c); });
}

// The element as a word; empty if it is no such word. Perl may send a name as a number.
inline std::optional<std::string> word_in(const value& v, bool (*is_word)(std::string_view)) {
  const bool usable = v.is_text() || v.type() == value::kind::port || v.type() == value::kind::integer ||
                      v.type() == value::kind::unsigned_integer;
  if (!usable || (v.is_text() && v.text().size() > longest_key)) return {};
  std::string text = as_text(v.to_string());
  if (!is_word(text)) return {};
  return text;
}

}  // namespace aemp::core
