// The bytes of framing "aemp1" that encoder and decoder must agree on: docs/protocol.md has them as a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "data/eight.hpp"

namespace aemp::wire::native {

// The length of a frame, in front of it.
inline constexpr std::size_t head_size = 4;

// A node that does not know an odd type may skip the frame.
inline constexpr std::uint64_t message_frame = 0;
inline constexpr std::uint64_t part_frame = 2;
inline constexpr bool may_be_skipped(std::uint64_t type) { return type % 2 == 1; }

// The number of a destination whose name is not to be kept.
inline constexpr std::uint64_t unnumbered = 256;

// The first byte of an element. Of a pair small_x and x, the first holds a size itself.
enum element : unsigned {
  small_integer = 0x00,  // up to 0x3f: from -16 to 47
  small_text = 0x40,     // up to 0x7f
  small_bytes = 0x80,    // up to 0x9f
  small_list = 0xa0,     // up to 0xaf
  small_map = 0xb0,      // up to 0xbf
  small_known = 0xc0,    // up to 0xdf: text number 0 to 31
  integer = 0xe0,        // up to 0xe7: in 1 to 8 bytes
  unsigned_integer = 0xe8,
  real = 0xe9,
  null = 0xea,
  no = 0xeb,
  yes = 0xec,
  text = 0xed,
  bytes = 0xee,
  list = 0xef,
  map = 0xf0,
  known_text = 0xf1,
  new_text = 0xf2,
  known_port = 0xf3,
  new_port = 0xf4,
  text_in_parts = 0xf5,
  bytes_in_parts = 0xf6,
  element_in_parts = 0xf7
};
inline constexpr std::int64_t lowest_small_integer = -16;

// What an element in parts counts against max_packet besides its bytes: what we keep for it until they come.
inline constexpr std::size_t price_of_a_part = 64;

// Convert between a number and its bytes, lowest first.
inline void store(char* to, std::uint64_t n, std::size_t size) {
  n = data::first_byte_lowest(n);
  std::memcpy(to, &n, size);
}
inline std::uint64_t load(const char* from, std::size_t size) {
  std::uint64_t n = 0;
  std::memcpy(&n, from, size);
  return data::first_byte_lowest(n);
}

// Maps signed numbers to unsigned ones so that small ones stay small: 0, -1, 1, -2, ... become 0, 1, 2, 3,
// ...
inline std::uint64_t zigzag(std::int64_t n) {
  return static_cast<std::uint64_t>(n) << 1 ^ static_cast<std::uint64_t>(n >> 63);
}
inline std::int64_t unzigzag(std::uint64_t n) { return static_cast<std::int64_t>(n >> 1 ^ -(n & 1)); }

}  // namespace aemp::wire::native
