// Writing is one pass that appends, with the length put in front at the end. Reading waits for a whole image
// and then walks through it; every count is held against the bytes that are left before it is believed.
#include "wire/framing_storable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "data/utf8.hpp"

namespace aemp::wire {
namespace {

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

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

void append_byte(std::string& out, unsigned n) { out += static_cast<char>(n); }

void append_32(std::string& out, std::uint32_t n) {
  const std::array<char, 4> bytes = {static_cast<char>(n >> 24), static_cast<char>(n >> 16),
                                     static_cast<char>(n >> 8), static_cast<char>(n)};
  out.append(bytes.data(), bytes.size());
}

void append_count(std::string& out, type t, std::size_t count) {
  append_byte(out, t);
  append_32(out, static_cast<std::uint32_t>(count));
}

void append_string(std::string& out, type short_type, type long_type, std::string_view text) {
  if (text.size() <= 0xff) {
    append_byte(out, short_type);
    append_byte(out, static_cast<unsigned>(text.size()));
  } else {
    append_count(out, long_type, text.size());
  }
  out += text;
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_string(out, short_bytes, long_bytes, bytes);
}

void append_text(std::string& out, std::string_view text) {
  if (is_ascii(text) || !data::is_utf8(text)) return append_bytes(out, text);
  append_string(out, short_text, long_text, text);
}

template <class N>
void append_digits(std::string& out, N n) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  append_bytes(out, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void append_integer(std::string& out, std::int64_t n) {
  if (n >= -128 && n <= 127) {
    append_byte(out, small_integer);
    append_byte(out, static_cast<unsigned>(n + 128));
  } else if (n >= INT32_MIN && n <= INT32_MAX) {
    append_byte(out, integer);
    append_32(out, static_cast<std::uint32_t>(n));
  } else {
    append_digits(out, n);
  }
}

void append_real(std::string& out, double d) {
  if (std::isnan(d)) return append_bytes(out, "NaN");
  if (std::isinf(d)) return append_bytes(out, d < 0 ? "-Inf" : "Inf");
  if (d >= INT32_MIN && d <= INT32_MAX && std::trunc(d) == d) {
    return append_integer(out, static_cast<std::int64_t>(d));
  }
  append_digits(out, d);
}

void append_value(std::string& out, const value& v);

void append_list(std::string& out, const value::array& elements) {
  append_count(out, list, elements.size());
  for (const value& element : elements) append_value(out, element);
}

void append_map(std::string& out, const value::map& entries) {
  const bool plain =
      std::all_of(entries.begin(), entries.end(), [](const auto& e) { return is_ascii(e.first); });
  if (!plain) {
    append_byte(out, map_with_flags);
    append_byte(out, 0);
  } else {
    append_byte(out, map);
  }
  append_32(out, static_cast<std::uint32_t>(entries.size()));
  for (const auto& [key, entry] : entries) {
    append_value(out, entry);
    if (!plain) append_byte(out, !is_ascii(key) && data::is_utf8(key) ? key_is_utf8 : 0);
    append_32(out, static_cast<std::uint32_t>(key.size()));
    out += key;
  }
}

void append_value(std::string& out, const value& v) {
  switch (v.type()) {
    case value::kind::null:
      return append_byte(out, undefined);
    case value::kind::boolean:
      return append_bytes(out, v.boolean() ? "1" : "");
    case value::kind::integer:
      return append_integer(out, v.integer());
    case value::kind::unsigned_integer:
      return append_digits(out, v.unsigned_integer());
    case value::kind::real:
      return append_real(out, v.real());
    case value::kind::text:
      return append_text(out, v.text());
    case value::kind::bytes:
      return append_bytes(out, v.text());
    case value::kind::port:
    case value::kind::object:
      return append_text(out, v.to_string());
    case value::kind::array:
      append_byte(out, reference);
      return append_list(out, v.elements());
    case value::kind::map:
      append_byte(out, reference);
      return append_map(out, v.entries());
  }
}

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
  image_reader(std::string_view image, std::size_t before, std::size_t max_depth)
      : image_(image), before_(before), max_depth_(max_depth) {}

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
    const bool is_text = t == short_text || t == long_text ? data::is_utf8(s) : is_ascii(s);
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
    if (!enter(depth) || !read_count(count, 1)) return false;
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
    if (!read_count(count, flags ? 6 : 5)) return false;
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
    return depth <= max_depth_ ||
           fail_at(at_, "lists and maps lie too deep in each other", "packet_too_deep");
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
  std::size_t max_depth_;
  error failure_;
};

}  // namespace

void storable_encoder::append(std::string& out, std::string_view port, const message& m) {
  const std::size_t start = out.size();
  out += magic;
  append_count(out, list, m.size() + 1);
  append_text(out, port);
  for (std::size_t i = 0; i < m.size(); ++i) append_value(out, m[i]);

  std::array<char, 10> prefix;  // filled from its end, for the lowest digits are known first
  std::size_t first = prefix.size();
  std::size_t size = out.size() - start;
  prefix[--first] = static_cast<char>(size & 0x7f);
  while ((size >>= 7) != 0) prefix[--first] = static_cast<char>((size & 0x7f) | 0x80);
  out.insert(start, prefix.data() + first, prefix.size() - first);
}

result<std::size_t> storable_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  while (!rest.empty()) {
    if (!length_known_) {
      if (auto taken = take_length(rest); !taken) return taken.error();
      if (!length_known_) break;
    }
    const std::string_view piece = rest.substr(0, image_size_ - image_.size());
    rest.remove_prefix(piece.size());
    if (image_.size() + piece.size() < image_size_) {
      image_ += piece;
      break;
    }
    std::string kept = std::exchange(image_, {});
    if (!kept.empty()) kept += piece;
    image_reader reader(kept.empty() ? piece : kept, prefix_size_, limits_.max_depth);
    length_known_ = false;
    prefix_size_ = 0;
    image_size_ = 0;
    value::array packet;
    if (!reader.read_packet(packet)) return reader.failure();
    if (auto delivered = deliver(std::move(packet), sink); !delivered) return delivered.error();
  }
  return in.size();
}

// Takes the bytes of the length, as many as there are.
result<void> storable_decoder::take_length(std::string_view& in) {
  constexpr std::size_t longest = 10;  // a writer needs no more for 64 bits
  while (!in.empty() && !length_known_) {
    const auto digit = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    if (++prefix_size_ > longest)
      return error{"malformed_packet", "Storable: a length of more than ten bytes"};
    if (image_size_ > limits_.max_packet >> 7) return packet_too_large(limits_.max_packet);
    image_size_ = image_size_ << 7 | (digit & 0x7f);
    if (prefix_size_ > limits_.max_packet || image_size_ > limits_.max_packet - prefix_size_) {
      return packet_too_large(limits_.max_packet);
    }
    length_known_ = digit < 0x80;
  }
  if (length_known_ && image_size_ == 0) return error{"malformed_packet", "Storable: a packet of no bytes"};
  return {};
}

}  // namespace aemp::wire
