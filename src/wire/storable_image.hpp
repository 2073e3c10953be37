// Images of Perl's Storable module: reading them, and what encoder and decoder of framing "storable" share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

#include "wire/framing.hpp"

namespace aemp::wire::storable {

// The types of Storable. Everything in an image has a number, in the order in which it begins: the packet has
// 0, its first element 1. `repeated` refers to such a number. A class before an object, and the text before a
// version string, have no number of their own.
enum type : std::uint8_t {
  repeated = 0x00,
  long_bytes = 0x01,
  list = 0x02,
  map = 0x03,
  reference = 0x04,
  undefined = 0x05,
  own_integer = 0x06,
  own_real = 0x07,
  small_integer = 0x08,
  integer = 0x09,
  short_bytes = 0x0a,
  tied_list = 0x0b,
  tied_map = 0x0c,
  tied_scalar = 0x0d,
  undefined_place = 0x0e,
  yes = 0x0f,
  no = 0x10,
  of_class = 0x11,
  of_known_class = 0x12,
  frozen_by_class = 0x13,
  overloaded_reference = 0x14,
  tied_map_entry = 0x15,
  tied_list_element = 0x16,
  short_text = 0x17,
  long_text = 0x18,
  map_with_flags = 0x19,
  code = 0x1a,
  weak_reference = 0x1b,
  weak_overloaded_reference = 0x1c,
  short_version = 0x1d,
  long_version = 0x1e,
  undefined_element = 0x1f,
  regexp = 0x20,
  beyond_32_bits = 0x21,
  boolean_true = 0x22,
  boolean_false = 0x23
};

// Major version 2 with the bit for network order, and the newest minor version that Perl has used for years.
constexpr std::string_view magic = "\x05\x0b";

// Flags of a key in a map with flags, and of such a map.
constexpr std::uint8_t key_is_utf8 = 0x01;
constexpr std::uint8_t key_was_utf8 = 0x02;  // characters below U+0100, one byte each
constexpr std::uint8_t entry_is_locked = 0x04;
constexpr std::uint8_t key_is_only_allowed = 0x10;  // there is no such entry, but one may be made
constexpr std::uint8_t map_is_restricted = 0x01;

// Reads the packet of a complete image into the list (empty before). `place` is the position of the image in
// its packet, for errors. Every count is checked against the bytes that are left before it is believed.
// Errors: malformed_packet, packet_too_deep, packet_too_large.
//
// What a message cannot hold becomes the nearest kind (framing_storable.hpp). `loss`, if given, gets the
// first such thing as words for people: "code, which arrives as null".
result<void> read_image(std::string_view image, std::size_t place, const framing_limits& limits,
                        value::array& packet, std::string* loss = nullptr);

}  // namespace aemp::wire::storable
