// The fast way through a packet of JSON: one that lies in memory as a whole and is written as nodes write it,
// without white space, with no escapes in its texts. The decoder (framing_json.hpp) tries this first, at the
// start of a packet, and leaves everything else to the data room's reader, which can do it all and costs
// several times as much. Both give the same values.
#pragma once

#include <cstddef>
#include <string_view>

#include "data/message_builder.hpp"
#include "wire/framing.hpp"

namespace aemp::wire {

// Reads the packet that the bytes start with: the name of the port, which lies in these bytes, and the
// elements, into the builder, which is empty before. Returns the packet's size; zero, with the builder empty,
// if the packet is not complete, unusual, beyond the limits, or wrong: who reads it the slow way finds out
// which.
std::size_t read_json_packet(std::string_view in, const framing_limits& limits, std::string_view& port,
                             data::message_builder& elements);

}  // namespace aemp::wire
