// The fast path for a CBOR packet that lies in memory as a whole and is made of what nodes usually send. The
// decoder (framing_cbor.hpp) tries this first at the start of a packet. It reads everything else item by item
// with libcbor, which costs several times as much. Both give the same values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <aemp/value.hpp>

#include "data/message_builder.hpp"
#include "wire/framing.hpp"

namespace aemp::wire {

// Reads the packet at the beginning of the bytes: the name of the port, a view into them, and the elements,
// into the builder (empty before). Returns the size of the packet. Returns zero and leaves the builder empty
// if the packet is incomplete, unusual (tags, unknown lengths, short floats, a port that is not a string),
// beyond the limits, or wrong: the slow path finds out which.
std::size_t read_cbor_packet(std::string_view in, const framing_limits& limits, std::string_view& port,
                             data::message_builder& elements);

// A negative integer, which CBOR has as -1 - n; its digits if it does not fit 64 bits.
value negative_integer(std::uint64_t n);

// A string of either kind. Text that is not UTF-8 becomes bytes.
value cbor_text(std::string_view text);

}  // namespace aemp::wire
