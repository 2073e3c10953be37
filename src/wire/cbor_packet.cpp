#include "wire/cbor_packet.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "data/eight.hpp"
#include "data/utf8.hpp"

namespace aemp::wire {
namespace {

// The kind of an item: the upper three bits of its first byte.
enum major : unsigned { unsigned_number, negative_number, byte_string, text_string, list, map, tag, simple };

// Each read function takes the position where its part begins and returns the position after it; null if it
// cannot read the part, for whatever reason. So the position stays in a register.
class reader {
 public:
  reader(std::string_view in, const framing_limits& limits)
      : end_(in.data() + in.size()), max_depth_(limits.max_depth), weight_(limits.max_weight) {}

  const char* read_packet(const char* at, std::string_view& port, data::message_builder& elements) {
    std::uint64_t count = 0;
    if (at == end_ || major_of(*at) != list) return nullptr;
    at = read_head(at, count);
    if (at == nullptr || count == 0) return nullptr;
    at = read_string(at, port);
    if (at == nullptr || --count > room(at) || !weight_.take_list(count)) return nullptr;
    elements.reserve(std::min(count, believable));
    for (; at != nullptr && count > 0; --count) {
      at = read_item(at, 1, [&](auto make) { elements.add_made(make); });
    }
    return at;
  }

 private:
  static constexpr std::uint64_t believable = 256;

  static unsigned major_of(char first) { return static_cast<unsigned char>(first) >> 5; }
  std::uint64_t room(const char* at) const { return static_cast<std::uint64_t>(end_ - at); }

  // Reads the first byte of an item, which must exist, and the number that belongs to it.
  [[gnu::always_inline]] const char* read_head(const char* at, std::uint64_t& n) const {
    n = static_cast<unsigned char>(*at++) & 0x1f;
    return n < 24 ? at : read_long_head(at, n);
  }

  // The number has 1, 2, 4 or 8 bytes, highest first: RFC 8949, section 3.
  const char* read_long_head(const char* at, std::uint64_t& n) const {
    if (n > 27) return nullptr;
    const auto size = std::size_t{1} << (n - 24);
    if (room(at) < size) return nullptr;
    if (room(at) >= 8) {
      n = __builtin_bswap64(data::load_eight(at)) >> (64 - 8 * size);
      return at + size;
    }
    n = 0;
    for (const char* const after = at + size; at != after; ++at) n = n << 8 | static_cast<unsigned char>(*at);
    return at;
  }

  // A string, after its head.
  [[gnu::always_inline]] const char* read_bytes(const char* at, std::uint64_t size,
                                                std::string_view& s) const {
    if (size > room(at)) return nullptr;
    s = {at, static_cast<std::size_t>(size)};
    return at + size;
  }

  // A string of either kind.
  const char* read_string(const char* at, std::string_view& s) const {
    std::uint64_t size = 0;
    if (at == end_ || (major_of(*at) != text_string && major_of(*at) != byte_string)) return nullptr;
    at = read_head(at, size);
    return at == nullptr ? nullptr : read_bytes(at, size, s);
  }

  // Reads an item into its final place: put takes what the value is constructed from.
  template <class Put>
  [[gnu::always_inline]] const char* read_item(const char* at, std::size_t depth, Put put) {
    if (at == end_) return nullptr;
    const char first = *at;
    std::uint64_t n = 0;
    at = read_head(at, n);
    if (at == nullptr) return nullptr;
    switch (major_of(first)) {
      case unsigned_number:
        put([&] { return value(n); });
        return at;
      case byte_string:
      case text_string: {
        std::string_view s;
        at = read_bytes(at, n, s);
        if (at == nullptr) return nullptr;
        if (major_of(first) == text_string && data::is_utf8(s)) {
          put([&] { return value(s); });
        } else {
          put([&] { return value::bytes_of(s); });
        }
        return at;
      }
      default:
        return read_rare(at, first, n, depth, put);
    }
  }

  // Reads the rest of an item, after its head.
  template <class Put>
  [[gnu::noinline]] const char* read_rare(const char* at, char first, std::uint64_t n, std::size_t depth,
                                          Put& put) {
    switch (major_of(first)) {
      case negative_number:
        put([&] { return negative_integer(n); });
        return at;
      case list:
      case map:
        return depth < max_depth_ ? read_nested(at, major_of(first) == map, n, depth + 1, put) : nullptr;
      case simple:
        return put_simple(first, n, put) ? at : nullptr;
      default:
        return nullptr;
    }
  }

  template <class Put>
  const char* read_nested(const char* at, bool is_map, std::uint64_t count, std::size_t depth, Put& put) {
    value::array elements;
    value::map entries;
    at = is_map ? read_map(at, count, depth, entries) : read_list(at, count, depth, elements);
    if (at != nullptr) put([&] { return is_map ? value(std::move(entries)) : value(std::move(elements)); });
    return at;
  }

  template <class Put>
  static bool put_simple(char first, std::uint64_t n, Put& put) {
    switch (static_cast<unsigned char>(first)) {
      case 0xf4:
      case 0xf5:
        put([&] { return value(first == '\xf5'); });
        return true;
      case 0xf6:
      case 0xf7:
        put([] { return value(); });
        return true;
      case 0xfb:
        put([&] { return value(std::bit_cast<double>(n)); });
        return true;
      default:
        return false;
    }
  }

  const char* read_list(const char* at, std::uint64_t count, std::size_t depth, value::array& out) {
    if (count > room(at) || !weight_.take_list(count)) return nullptr;
    out.reserve(std::min(count, believable));
    for (; at != nullptr && count > 0; --count) {
      at = read_item(at, depth, [&](auto make) { out.push_back(make()); });
    }
    return at;
  }

  const char* read_map(const char* at, std::uint64_t count, std::size_t depth, value::map& out) {
    if (!weight_.take_map(count)) return nullptr;
    for (; at != nullptr && count > 0; --count) {
      std::string_view key;
      at = read_string(at, key);
      if (at == nullptr) break;
      at = read_item(at, depth, [&](auto make) { out.insert_or_assign(std::string(key), make()); });
    }
    return at;
  }

  const char* end_;
  std::size_t max_depth_;
  weight_left weight_;
};

}  // namespace

std::size_t read_cbor_packet(std::string_view in, const framing_limits& limits, std::string_view& port,
                             data::message_builder& elements) {
  reader r(in.substr(0, limits.max_packet), limits);
  const char* const end = limits.max_depth == 0 ? nullptr : r.read_packet(in.data(), port, elements);
  if (end == nullptr) {
    elements.clear();
    return 0;
  }
  return static_cast<std::size_t>(end - in.data());
}

value negative_integer(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(INT64_MAX)) return value(-1 - static_cast<std::int64_t>(n));
  return n == UINT64_MAX ? value("-18446744073709551616") : value("-" + std::to_string(n + 1));
}

value cbor_text(std::string_view text) { return data::is_utf8(text) ? value(text) : value::bytes_of(text); }

}  // namespace aemp::wire
