#include "wire/storable_image.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "data/utf8.hpp"

namespace aemp::wire::storable {
namespace {

// What a type that is refused stands for, for people.
std::string_view meaning_of(std::uint8_t t) {
  switch (t) {
    case 0x00:
      return "something that the message held before; send a copy of it, or use json";
    case list:
    case map:
    case map_with_flags:
      return "a list or map without a reference to it";
    case 0x06:
    case 0x07:
      return "a number in the sender's own format";
    case 0x0b:
    case 0x0c:
    case 0x0d:
    case 0x15:
    case 0x16:
      return "a tied variable";
    case 0x11:
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x1c:
      return "an object of a class";
    case 0x1a:
      return "code";
    case 0x1b:
      return "a weak reference";
    case 0x1d:
    case 0x1e:
      return "a version string";
    case 0x20:
      return "a regular expression";
    case long_bytes:
    case reference:
    case undefined:
    case small_integer:
    case integer:
    case short_bytes:
    case undefined_place:
    case yes:
    case no:
    case short_text:
    case long_text:
      return "referred to, which only lists and maps may be";
    default:
      return "unknown";
  }
}

// One image and a place in it. After a failure everything returns false.
class image_reader {
 public:
  // before: bytes of the packet before the image, for the places in errors.
  image_reader(std::string_view image, std::size_t before, const framing_limits& limits)
      : image_(image), before_(before), limits_(limits), weight_(limits.max_weight) {}

  [[nodiscard]] const error& failure() const { return failure_; }

  bool read_packet(value::array& packet) {
    std::string_view version;
    if (!read_raw(version, 2)) return false;
    if (version[0] != magic[0]) return fail_at(0, "an image that is not in network order of version 2");
    std::uint8_t t = 0;
    if (!read_byte(t)) return false;
    if (t != list) return fail_at(at_ - 1, "a packet must be an array");
    if (!read_list(packet, 1)) return false;
    return at_ == image_.size() || fail_at(at_, "something follows the packet in its image");
  }

 private:
  bool read_value(value& out, std::size_t depth) {
    std::uint8_t t = 0;
    if (!read_byte(t)) return false;
    switch (t) {
      case undefined:
      case undefined_place:
        return true;
      case yes:
      case no:
        out = value(t == yes);
        return true;
      case small_integer: {
        std::uint8_t n = 0;
        if (!read_byte(n)) return false;
        out = value(n - 128);
        return true;
      }
      case integer: {
        std::uint32_t n = 0;
        if (!read_32(n)) return false;
        out = value(static_cast<std::int32_t>(n));
        return true;
      }
      case short_bytes:
      case short_text:
      case long_bytes:
      case long_text:
        return read_string(out, t);
      case reference:
        return read_referred(out, depth);
      default:
        return refuse(t);
    }
  }

  bool read_string(value& out, std::uint8_t t) {
    std::uint32_t size = 0;
    if (t == short_bytes || t == short_text) {
      std::uint8_t short_size = 0;
      if (!read_byte(short_size)) return false;
      size = short_size;
    } else if (!read_32(size)) {
      return false;
    }
    std::string_view s;
    if (!read_raw(s, size)) return false;
    const bool is_text = t == short_text || t == long_text ? data::is_utf8(s) : data::is_ascii(s);
    out = is_text ? value(s) : value::bytes_of(s);
    return true;
  }

  bool read_referred(value& out, std::size_t depth) {
    std::uint8_t t = 0;
    if (!read_byte(t)) return false;
    if (t == list) {
      value::array elements;
      if (!read_list(elements, depth + 1)) return false;
      out = value(std::move(elements));
      return true;
    }
    if (t == map || t == map_with_flags) {
      value::map entries;
      if (!read_map(entries, depth + 1, t == map_with_flags)) return false;
      out = value(std::move(entries));
      return true;
    }
    return refuse(t);
  }

  bool read_list(value::array& out, std::size_t depth) {
    std::uint32_t count = 0;
    if (!enter(depth) || !read_count(count, 1) || !charge(weight_.take_list(count))) return false;
    constexpr std::uint32_t believable = 256;
    out.reserve(std::min(count, believable));
    for (; count > 0; --count) {
      if (!read_value(out.emplace_back(), depth)) return false;
    }
    return true;
  }

  bool read_map(value::map& out, std::size_t depth, bool flags) {
    std::uint8_t map_flags = 0;
    if (!enter(depth) || (flags && !read_byte(map_flags))) return false;
    if (map_flags != 0) return fail_at(at_ - 1, "a restricted map");
    std::uint32_t count = 0;
    if (!read_count(count, flags ? 6 : 5) || !charge(weight_.take_map(count))) return false;
    for (; count > 0; --count) {
      value entry;
      std::uint8_t key_flags = 0;
      std::uint32_t size = 0;
      std::string_view key;
      if (!read_value(entry, depth) || (flags && !read_byte(key_flags))) return false;
      if ((key_flags & ~(key_is_utf8 | key_was_utf8)) != 0) return fail_at(at_ - 1, "a key that is no text");
      if (!read_32(size) || !read_raw(key, size)) return false;
      out.insert_or_assign((key_flags & key_was_utf8) != 0 ? data::utf8_of_latin1(key) : std::string(key),
                           std::move(entry));
    }
    return true;
  }

  bool enter(std::size_t depth) {
    return depth <= limits_.max_depth ||
           fail_at(at_, "lists and maps lie too deep in each other", "packet_too_deep");
  }

  bool charge(bool fits) {
    if (!fits) failure_ = packet_too_heavy(limits_.max_weight);
    return fits;
  }

  // Of things that take so many bytes each at least.
  bool read_count(std::uint32_t& out, std::size_t bytes_each) {
    if (!read_32(out)) return false;
    return out <= (image_.size() - at_) / bytes_each ||
           fail_at(at_ - 4, "a count of " + std::to_string(out) + ", more than can follow");
  }

  bool read_byte(std::uint8_t& out) {
    std::string_view s;
    if (!read_raw(s, 1)) return false;
    out = static_cast<std::uint8_t>(s[0]);
    return true;
  }

  bool read_32(std::uint32_t& out) {
    std::string_view s;
    if (!read_raw(s, 4)) return false;
    out = 0;
    for (const char c : s) out = out << 8 | static_cast<unsigned char>(c);
    return true;
  }

  bool read_raw(std::string_view& out, std::size_t size) {
    if (size > image_.size() - at_) return fail_at(image_.size(), "the image ends too early");
    out = image_.substr(at_, size);
    at_ += size;
    return true;
  }

  static std::string hex_of(std::uint8_t t) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {'t', 'y', 'p', 'e', ' ', '0', 'x', digits[t >> 4], digits[t & 15]};
  }

  bool refuse(std::uint8_t t) {
    return fail_at(at_ - 1, hex_of(t) + " has no place in a message (" + std::string(meaning_of(t)) + ")");
  }

  bool fail_at(std::size_t place, std::string_view what, std::string_view name = "malformed_packet") {
    failure_ = error{std::string(name), "Storable: " + std::string(what) + ", at byte " +
                                            std::to_string(before_ + place) + " of a packet"};
    return false;
  }

  std::string_view image_;
  std::size_t at_ = 0;
  std::size_t before_;
  const framing_limits& limits_;
  weight_left weight_;
  error failure_;
};

}  // namespace

result<void> read_image(std::string_view image, std::size_t place, const framing_limits& limits,
                        value::array& packet) {
  image_reader reader(image, place, limits);
  if (!reader.read_packet(packet)) return reader.failure();
  return {};
}

}  // namespace aemp::wire::storable
