// Large texts and bytes on their way out. On request an encoder leaves them out of its output and lists them
// here: they are sent from where they lie, never copied. The sender keeps the list until the bytes are gone,
// since it owns what they belong to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/message.hpp>

namespace aemp::wire {

// From here on a reference is cheaper than a copy.
inline constexpr std::size_t large_size = 32 * 1024;

// `bytes` lies in whichever of the others is not empty. All may be moved.
struct large_value {
  std::size_t at = 0;  // its place in the encoder's output; meaningless if it is sent in parts
  std::string_view bytes = {};
  value element = {};
  message whole = {};
  std::string written = {};
};

using large_values = std::vector<large_value>;

// The text of an element: of a value, which is shared, or of an object in the message's block.
inline large_value large_text(const value& v) { return {.bytes = v.text(), .element = v}; }
inline large_value large_text(std::string_view s, const message& m) { return {.bytes = s, .whole = m}; }

}  // namespace aemp::wire
