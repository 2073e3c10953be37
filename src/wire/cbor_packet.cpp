#include "wire/cbor_packet.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "data/utf8.hpp"

namespace aemp::wire {
namespace {

// A place in the packet. Whatever it cannot read, for whatever reason, makes it return false.
class reader {
 public:
  reader(std::string_view in, std::size_t max_depth)
      : at_(reinterpret_cast<const unsigned char*>(in.data())),
        end_(at_ + in.size()),
        max_depth_(max_depth) {}

  const unsigned char* at() const { return at_; }

  bool read_packet(value::array& packet) {
    std::uint64_t n = 0;
    return at_ != end_ && *at_ >> 5 == 4 && read_head(n) && read_list(packet, n, 1);
  }

 private:
  // The number that belongs to an item's first byte. The lengths are those of RFC 8949, section 3.
  bool read_head(std::uint64_t& n) {
    n = *at_++ & 0x1f;
    return n < 24 || read_long_head(n);
  }

  bool read_long_head(std::uint64_t& n) {
    if (n > 27) return false;
    const auto size = std::ptrdiff_t{1} << (n - 24);
    if (end_ - at_ < size) return false;
    n = 0;
    for (const unsigned char* const after = at_ + size; at_ != after; ++at_) n = n << 8 | *at_;
    return true;
  }

  // Puts the item where it belongs: put takes what a value is made of.
  template <class Put>
  bool read_item(Put put, std::size_t depth) {
    if (at_ == end_) return false;
    const unsigned char first = *at_;
    std::uint64_t n = 0;
    if (!read_head(n)) return false;
    switch (first >> 5) {
      case 0:
        put(n);
        return true;
      case 1:
        put(negative_integer(n));
        return true;
      case 2:
      case 3: {
        std::string_view s;
        if (!read_string(s, n)) return false;
        if (first >> 5 == 3 && data::is_utf8(s)) {
          put(s);
        } else {
          put(value::bytes_of(s));
        }
        return true;
      }
      case 4:
      case 5:
        return depth < max_depth_ && read_nested(put, first >> 5 == 5, n, depth + 1);
      case 7:
        return read_simple(put, first, n);
      default:
        return false;
    }
  }

  template <class Put>
  [[gnu::noinline]] bool read_nested(Put& put, bool is_map, std::uint64_t count, std::size_t depth) {
    value::array elements;
    value::map entries;
    if (is_map ? !read_map(entries, count, depth) : !read_list(elements, count, depth)) return false;
    put(is_map ? value(std::move(entries)) : value(std::move(elements)));
    return true;
  }

  template <class Put>
  bool read_simple(Put& put, unsigned char first, std::uint64_t n) {
    switch (first) {
      case 0xf4:
      case 0xf5:
        put(first == 0xf5);
        return true;
      case 0xf6:
      case 0xf7:
        put(nullptr);
        return true;
      case 0xfb:
        put(std::bit_cast<double>(n));
        return true;
      default:
        return false;
    }
  }

  bool read_string(std::string_view& out, std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) return false;
    out = {reinterpret_cast<const char*>(at_), static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }

  bool read_list(value::array& out, std::uint64_t count, std::size_t depth) {
    if (count > static_cast<std::uint64_t>(end_ - at_)) return false;
    constexpr std::uint64_t believable = 256;
    out.reserve(std::min(count, believable));
    for (; count > 0; --count) {
      if (!read_item([&](auto&& v) { out.emplace_back(std::forward<decltype(v)>(v)); }, depth)) return false;
    }
    return true;
  }

  bool read_map(value::map& out, std::uint64_t count, std::size_t depth) {
    for (; count > 0; --count) {
      std::string_view key;
      std::uint64_t size = 0;
      const bool has_key = at_ != end_ && (*at_ >> 5 == 2 || *at_ >> 5 == 3);
      if (!has_key || !read_head(size) || !read_string(key, size)) return false;
      const auto put = [&](auto&& v) {
        out.insert_or_assign(std::string(key), value(std::forward<decltype(v)>(v)));
      };
      if (!read_item(put, depth)) return false;
    }
    return true;
  }

  const unsigned char* at_;
  const unsigned char* end_;
  std::size_t max_depth_;
};

}  // namespace

std::size_t read_usual_packet(std::string_view in, const framing_limits& limits, value::array& packet) {
  reader r(in.substr(0, limits.max_packet), limits.max_depth);
  if (limits.max_depth == 0 || !r.read_packet(packet)) {
    packet.clear();
    return 0;
  }
  return static_cast<std::size_t>(reinterpret_cast<const char*>(r.at()) - in.data());
}

value negative_integer(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(INT64_MAX)) return value(-1 - static_cast<std::int64_t>(n));
  return n == UINT64_MAX ? value("-18446744073709551616") : value("-" + std::to_string(n + 1));
}

value cbor_text(std::string_view text) { return data::is_utf8(text) ? value(text) : value::bytes_of(text); }

}  // namespace aemp::wire
