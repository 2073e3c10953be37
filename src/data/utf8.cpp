#include "data/utf8.hpp"

#include "data/eight.hpp"

namespace aemp::data {
namespace {

// How many continuation bytes follow a lead byte, and the bounds of the first of them. A bad lead byte has
// none.
struct lead {
  int more;
  unsigned char low;
  unsigned char high;
};

lead lead_of(unsigned char c) {
  if (c >= 0xc2 && c <= 0xdf) return {1, 0x80, 0xbf};
  if (c == 0xe0) return {2, 0xa0, 0xbf};
  if (c == 0xed) return {2, 0x80, 0x9f};
  if (c >= 0xe1 && c <= 0xef) return {2, 0x80, 0xbf};
  if (c == 0xf0) return {3, 0x90, 0xbf};
  if (c >= 0xf1 && c <= 0xf3) return {3, 0x80, 0xbf};
  if (c == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8_at_length(std::string_view text) noexcept {
  const char* p = text.data();
  const char* const end = p + text.size();
  while (p != end) {
    if (end - p >= 8) {
      const std::uint64_t beyond_ascii = load_eight(p) & top_bits;
      p += beyond_ascii == 0 ? 8 : bytes_before(beyond_ascii);
      if (beyond_ascii == 0) continue;
    }
    const auto c = static_cast<unsigned char>(*p++);
    if (c < 0x80) continue;
    lead l = lead_of(c);
    if (l.more == 0 || end - p < l.more) return false;
    for (; l.more > 0; --l.more, l.low = 0x80, l.high = 0xbf) {
      const auto next = static_cast<unsigned char>(*p++);
      if (next < l.low || next > l.high) return false;
    }
  }
  return true;
}

std::string utf8_of_latin1(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (u >> 6));
      out += static_cast<char>(0x80 | (u & 0x3f));
    }
  }
  return out;
}

}  // namespace aemp::data
