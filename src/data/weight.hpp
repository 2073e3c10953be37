// What values and messages take of memory, roughly: the measure of every limit on what a node holds or sends.
// It is the same on both sides of a connection, whatever the framing between them, so a sender knows before
// it sends what the receiver will not take.
#pragma once

#include <cstddef>

#include <aemp/message.hpp>

namespace aemp {

namespace value_weight {
inline constexpr std::size_t element = sizeof(value);
inline constexpr std::size_t container = 64;  // a list or map, without what it holds
inline constexpr std::size_t entry = 72;      // a place in a map, beside the key's text and the value
}  // namespace value_weight

namespace data {

struct measure {
  std::size_t weight = 0;
  std::size_t depth = 0;  // 1 for a message without lists and maps: the message itself counts
};

// Cost: a look at each element; those that are neither texts nor numbers nor values are converted.
measure measure_of(const message& m);

}  // namespace data
}  // namespace aemp
