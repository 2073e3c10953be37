// The fast path for a packet of JSON that lies in memory as a whole and is written as nodes write it: no
// white space, no escapes in its texts. The decoder (framing_json.hpp) tries this first at the start of a
// packet. It leaves everything else to the data room's reader, which can read all JSON and costs several
// times as much. Both give the same values.
#pragma once

#include <cstddef>
#include <string_view>

#include "data/message_builder.hpp"
#include "wire/framing.hpp"

namespace aemp::wire {

// Reads the packet at the beginning of the bytes: the name of the port, a view into them, and the elements,
// into the builder (empty before). Returns the size of the packet. Returns zero and leaves the builder empty
// if the packet is incomplete, unusual, beyond the limits, or wrong: the slow path finds out which.
std::size_t read_json_packet(std::string_view in, const framing_limits& limits, std::string_view& port,
                             data::message_builder& elements);

}  // namespace aemp::wire
