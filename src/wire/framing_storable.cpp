// Writing is one pass that appends; the length is put in front at the end. Reading waits for a whole image.
#include "wire/framing_storable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "data/appender.hpp"
#include "data/utf8.hpp"
#include "wire/element.hpp"
#include "wire/storable_image.hpp"

namespace aemp::wire {
namespace {

using namespace storable;

class writer {
 public:
  explicit writer(std::string& to) : out_(to) {}
  void flush() { out_.flush(); }

  void version() { out_.put(magic); }

  void count(type t, std::size_t n) {
    byte(t);
    number(static_cast<std::uint32_t>(n));
  }

  void append(std::string_view text) {
    if (data::is_ascii(text) || !data::is_utf8(text)) return append_bytes(text);
    string(short_text, long_text, text);
  }

  void append(std::int64_t n) {
    if (n >= -128 && n <= 127) {
      byte(small_integer);
      byte(static_cast<unsigned>(n + 128));
    } else if (n >= INT32_MIN && n <= INT32_MAX) {
      byte(integer);
      number(static_cast<std::uint32_t>(n));
    } else {
      digits(n);
    }
  }

  void append(double d) {
    if (std::isnan(d)) return append_bytes("NaN");
    if (std::isinf(d)) return append_bytes(d < 0 ? "-Inf" : "Inf");
    if (d >= INT32_MIN && d <= INT32_MAX && std::trunc(d) == d) return append(static_cast<std::int64_t>(d));
    digits(d);
  }

  void append(const value& v) {
    switch (v.type()) {
      case value::kind::null:
        return byte(undefined);
      case value::kind::boolean:
        return append_bytes(v.boolean() ? "1" : "");
      case value::kind::integer:
        return append(v.integer());
      case value::kind::unsigned_integer:
        return digits(v.unsigned_integer());
      case value::kind::real:
        return append(v.real());
      case value::kind::text:
        return append(v.text());
      case value::kind::bytes:
        return append_bytes(v.text());
      case value::kind::port:
      case value::kind::object:
        return append(std::string_view(v.to_string()));
      case value::kind::array:
        byte(reference);
        count(list, v.size());
        for (const value& element : v.elements()) append(element);
        return;
      case value::kind::map:
        byte(reference);
        return append_map(v.entries());
    }
  }

 private:
  void byte(unsigned n) { out_.put(static_cast<char>(n)); }

  void number(std::uint32_t n) {
    char* const to = out_.room();
    for (std::size_t i = 4; i > 0; --i, n >>= 8) to[i - 1] = static_cast<char>(n);
    out_.took(4);
  }

  void string(type short_type, type long_type, std::string_view text) {
    if (text.size() <= 0xff) {
      byte(short_type);
      byte(static_cast<unsigned>(text.size()));
    } else {
      count(long_type, text.size());
    }
    out_.put(text);
  }

  void append_bytes(std::string_view bytes) { string(short_bytes, long_bytes, bytes); }

  template <class N>
  void digits(N n) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), n).ptr;
    append_bytes({text.data(), static_cast<std::size_t>(end - text.data())});
  }

  void append_map(const value::map& entries) {
    const bool plain =
        std::all_of(entries.begin(), entries.end(), [](const auto& e) { return data::is_ascii(e.first); });
    if (!plain) {
      byte(map_with_flags);
      byte(0);
    } else {
      byte(map);
    }
    number(static_cast<std::uint32_t>(entries.size()));
    for (const auto& [key, entry] : entries) {
      append(entry);
      if (!plain) byte(!data::is_ascii(key) && data::is_utf8(key) ? key_is_utf8 : 0);
      number(static_cast<std::uint32_t>(key.size()));
      out_.put(key);
    }
  }

  data::appender out_;
};

}  // namespace

void storable_encoder::append(out_buffer& buffer, const destination& to, const message& m, large_values*) {
  std::string& bytes = buffer.text();
  const std::size_t start = bytes.size();
  writer out(bytes);
  out.version();
  out.count(list, m.size() + 1);
  out.append(to.name);
  each_element(m, 0, [&](const auto& element) { out.append(element); });
  out.flush();

  std::array<char, 10> prefix;  // filled from its end, as the lowest digits are known first
  std::size_t first = prefix.size();
  std::size_t size = bytes.size() - start;
  prefix[--first] = static_cast<char>(size & 0x7f);
  while ((size >>= 7) != 0) prefix[--first] = static_cast<char>((size & 0x7f) | 0x80);
  bytes.insert(start, prefix.data() + first, prefix.size() - first);
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
    const std::size_t place = std::exchange(prefix_size_, 0);
    length_known_ = false;
    image_size_ = 0;
    std::string loss;
    const auto read = storable::read_image(kept.empty() ? piece : kept, place, limits_, packet_,
                                           has_noted_ ? nullptr : &loss);
    if (!read) return read.error();
    if (!loss.empty()) note(loss);
    if (auto delivered = deliver(packet_, sink); !delivered) return delivered.error();
  }
  return in.size();
}

void storable_decoder::note(const std::string& loss) {
  has_noted_ = true;
  const value& port = packet_.front();
  constexpr std::size_t readable = 64;
  const std::string name = port.is_text() || port.is_number() ? port.to_string().substr(0, readable) : "";
  note_ =
      "a message to " + (name.empty() ? "the node port" : "port '" + name + "'") + " contains " + loss +
      "; send plain lists, maps, texts and numbers. What else of this kind comes on this connection is not "
      "logged";
}

// Takes as many bytes of the length as there are.
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
