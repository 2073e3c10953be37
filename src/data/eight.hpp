// Handles eight bytes of text as one number, the first byte lowest: finds special characters, and converts
// decimal digits, without a loop over the bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace aemp::data {

inline constexpr std::uint64_t in_each_byte = 0x0101010101010101;
inline constexpr std::uint64_t top_bits = 0x80 * in_each_byte;

inline std::uint64_t first_byte_lowest(std::uint64_t word) {
  if constexpr (std::endian::native == std::endian::big) return __builtin_bswap64(word);
  return word;
}
inline std::uint64_t load_eight(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, 8);
  return first_byte_lowest(word);
}
inline void store_eight(char* to, std::uint64_t word) {
  word = first_byte_lowest(word);
  std::memcpy(to, &word, 8);
}

// Whether a text of eight bytes or more equals another one. Meant for short names; makes no call.
inline bool is_same_text(std::string_view text, std::string_view other) {
  if (text.size() != other.size()) return false;
  const auto differ = [&](std::size_t i) {
    return load_eight(text.data() + i) != load_eight(other.data() + i);
  };
  for (std::size_t i = 0; i + 8 < text.size(); i += 8) {
    if (differ(i)) return false;
  }
  return !differ(text.size() - 8);
}

// Copies text of a few words at most, without a call, and some bytes twice. On the way it passes all of it to
// look(word), padded with blanks where it is short, and returns the bitwise or of the results.
template <class Look>
[[gnu::always_inline]] inline std::uint64_t copy_short(char* to, std::string_view text, Look look) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    const auto copy_eight = [&](std::size_t i) {
      std::memcpy(to + i, from + i, 8);
      return look(load_eight(from + i));
    };
    std::uint64_t found = copy_eight(size - 8);
    for (std::size_t i = 0; i + 8 < size; i += 8) found |= copy_eight(i);
    return found;
  }
  if (size >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
    return look(first | std::uint64_t{last} << 32);
  }
  if (size == 0) return 0;
  const char a = from[0], b = from[size / 2], c = from[size - 1];
  to[0] = a;
  to[size / 2] = b;
  to[size - 1] = c;
  const auto byte = [](char c) { return std::uint64_t{static_cast<unsigned char>(c)}; };
  return look(byte(a) | byte(b) << 8 | byte(c) << 16 | 0x2020202020000000);
}

// Marks are the top bits of bytes. The functions here are exact up to the lowest mark; above it, there may be
// false marks.
inline unsigned bytes_before(std::uint64_t marks) {
  return static_cast<unsigned>(std::countr_zero(marks)) / 8;
}

// Marks control characters, quotes and backslashes: what must be escaped in a JSON string. Flipping one bit
// makes the quote, 0x22, a neighbour of the control characters, so one subtraction finds both.
inline std::uint64_t json_specials(std::uint64_t word) {
  const std::uint64_t quote_or_control = (word ^ 0x02 * in_each_byte) - 0x21 * in_each_byte;
  const std::uint64_t backslash = (word ^ '\\' * in_each_byte) - in_each_byte;
  return (quote_or_control | backslash) & ~word & top_bits;
}

// The number of digits before the first byte that is none.
inline unsigned count_digits(std::uint64_t word) {
  const std::uint64_t digits = word ^ '0' * in_each_byte;
  const std::uint64_t others = (digits | (digits + 0x76 * in_each_byte)) & top_bits;  // above nine
  return others == 0 ? 8 : bytes_before(others);
}

// The number that the first 1 to 8 bytes spell, which must be digits. Neighbours are joined to numbers of
// two, then four, then eight digits.
inline std::uint64_t number_of_digits(std::uint64_t word, unsigned count) {
  word = (word ^ '0' * in_each_byte) << (64 - 8 * count);
  word = (word * 10 + (word >> 8)) & 0x00ff00ff00ff00ff;
  word = (word * 100 + (word >> 16)) & 0x0000ffff0000ffff;
  return (word * 10000 + (word >> 32)) & 0xffffffff;
}

inline constexpr std::uint64_t eight_digits = 100'000'000;

// Writes a number below eight_digits without leading zeros. It writes eight bytes and returns how many of
// them are the digits. The reverse of number_of_digits: the factors are reciprocals, exact for what they
// divide.
inline unsigned write_digits(char* to, std::uint64_t n) {
  std::uint64_t word = n / 10000 | n % 10000 << 32;
  const std::uint64_t hundreds = word * 5243 >> 19 & 0x0000007f0000007f;
  word = hundreds | (word - hundreds * 100) << 16;
  const std::uint64_t tens = word * 103 >> 10 & 0x000f000f000f000f;
  word = tens | (word - tens * 10) << 8;
  const unsigned zeros = bytes_before(word | std::uint64_t{1} << 56);
  store_eight(to, (word | '0' * in_each_byte) >> 8 * zeros);
  return 8 - zeros;
}

}  // namespace aemp::data
