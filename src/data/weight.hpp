// The weight of values and messages: roughly the memory that they take. Every limit on what a node holds or
// sends is measured in it. It is the same on both sides of a connection, whatever the framing, so a sender
// knows what the receiver will not accept.
#pragma once

#include <cstddef>

#include <aemp/message.hpp>

namespace aemp {

namespace value_weight {
inline constexpr std::size_t element = sizeof(value);
inline constexpr std::size_t container = 64;  // a list or map, without its content
inline constexpr std::size_t entry = 72;      // a place in a map, besides the key's text and the value
}  // namespace value_weight

namespace data {

struct measure {
  std::size_t weight = 0;
  std::size_t depth = 0;  // 1 for a message without lists and maps: the message itself counts
};

// Cost: a look at each element; elements other than texts, numbers and values are converted.
measure measure_of(const message& m);

// The weight of what waits in a queue: of the message that it is or refers to; a task weighs next to nothing. One whose
// elements cannot be converted counts as empty. Cost: little, unless an element may be large.
std::size_t weight_of(detail::block& b) noexcept;

}  // namespace data
}  // namespace aemp
