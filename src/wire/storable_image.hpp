// Images of Perl's Storable module: what the encoder and the decoder of framing "storable" share, and the
// reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

#include "wire/framing.hpp"

namespace aemp::wire::storable {

// The types of Storable that a message can hold.
enum type : std::uint8_t {
  long_bytes = 0x01,
  list = 0x02,
  map = 0x03,
  reference = 0x04,
  undefined = 0x05,
  small_integer = 0x08,
  integer = 0x09,
  short_bytes = 0x0a,
  undefined_place = 0x0e,
  yes = 0x0f,
  no = 0x10,
  short_text = 0x17,
  long_text = 0x18,
  map_with_flags = 0x19
};

// Major version 2 with the bit for network order, and the newest minor version that Perl has used for years.
constexpr std::string_view magic = "\x05\x0b";

// Of a key in a map with flags.
constexpr std::uint8_t key_is_utf8 = 0x01;
constexpr std::uint8_t key_was_utf8 = 0x02;  // characters below U+0100, one byte each

// Reads the packet that a complete image holds into the list, which is empty before. The image lies at
// `place` in its packet, as errors count it. Every count is held against the bytes that are left before it is
// believed. Errors: malformed_packet, packet_too_deep, packet_too_large.
result<void> read_image(std::string_view image, std::size_t place, const framing_limits& limits,
                        value::array& packet);

}  // namespace aemp::wire::storable
