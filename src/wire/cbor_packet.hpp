// The fast way through a CBOR packet: one that lies in memory as a whole and is made of what nodes usually
// send. The decoder (framing_cbor.hpp) tries this first, at the start of a packet, and reads everything else
// item by item with libcbor, which costs several times as much. Both give the same values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <aemp/value.hpp>

#include "data/message_builder.hpp"
#include "wire/framing.hpp"

namespace aemp::wire {

// Reads the packet that the bytes start with: the name of the port, which lies in these bytes, and the
// elements, into the builder, which is empty before. Returns the packet's size; zero, with the builder empty,
// if the packet is not complete, unusual (tags, unknown lengths, short floats, a port that is no string),
// beyond the limits, or wrong: who reads it the slow way finds out which.
std::size_t read_cbor_packet(std::string_view in, const framing_limits& limits, std::string_view& port,
                             data::message_builder& elements);

// A negative integer, which CBOR has as -1 - n: its digits if it is below 64 bits.
value negative_integer(std::uint64_t n);

// A string of either kind. Text that is no UTF-8 becomes bytes.
value cbor_text(std::string_view text);

}  // namespace aemp::wire
