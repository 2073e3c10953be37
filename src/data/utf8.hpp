// UTF-8 as the wire needs it: whether bytes are text, and what Perl makes of bytes that are not.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace aemp::data {

// Whether all(word) holds for each eight bytes of the text, as one number. Some bytes may be seen twice, and
// text of less than four is padded with blanks.
template <class All>
bool each_eight(std::string_view text, All all) {
  const char* p = text.data();
  const auto eight_at = [](const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    return word;
  };
  const auto four_at = [](const char* at) {
    std::uint32_t word;
    std::memcpy(&word, at, 4);
    return std::uint64_t{word};
  };
  const auto byte_at = [](const char* at) { return std::uint64_t{static_cast<unsigned char>(*at)}; };
  const std::size_t size = text.size();
  const char* const end = p + size;
  if (size >= 8) {
    for (; end - p > 8; p += 8) {
      if (!all(eight_at(p))) return false;
    }
    return all(eight_at(end - 8));
  }
  if (size >= 4) return all(four_at(p) | four_at(end - 4) << 32);
  if (size == 0) return true;
  return all(byte_at(p) | byte_at(p + size / 2) << 8 | byte_at(end - 1) << 16 | 0x2020202020000000);
}

inline bool is_ascii(std::string_view text) noexcept {
  return each_eight(text, [](std::uint64_t word) { return (word & 0x8080808080808080) == 0; });
}

// Whether text is well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Cost for
// ASCII: one step for eight bytes.
bool is_utf8_at_length(std::string_view text) noexcept;
inline bool is_utf8(std::string_view text) noexcept { return is_ascii(text) || is_utf8_at_length(text); }

// One character per byte, as UTF-8: what Perl writes for a byte string that is not UTF-8.
std::string utf8_of_latin1(std::string_view bytes);

}  // namespace aemp::data
