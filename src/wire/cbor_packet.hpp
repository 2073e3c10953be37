// The fast way through a CBOR packet: one that lies in memory as a whole and is made of what nodes usually
// send. The decoder (framing_cbor.hpp) tries this first, at the start of a packet, and reads everything else
// item by item with libcbor, which costs several times as much. Both give the same values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <aemp/value.hpp>

#include "wire/framing.hpp"

namespace aemp::wire {

// Reads the packet that the bytes start with, and appends its elements to the list, which is empty before.
// Returns the packet's size; zero, with the list empty, if it is not complete, unusual (tags, unknown
// lengths, short floats), beyond the limits, or wrong: who reads it the slow way finds out which.
std::size_t read_usual_packet(std::string_view in, const framing_limits& limits, value::array& packet);

// A negative integer, which CBOR has as -1 - n: its digits if it is below 64 bits.
value negative_integer(std::uint64_t n);

// A string of either kind. Text that is no UTF-8 becomes bytes.
value cbor_text(std::string_view text);

}  // namespace aemp::wire
