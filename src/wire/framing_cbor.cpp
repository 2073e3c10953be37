// libcbor reads the bytes of single items. Their nesting is kept here, in a stack of open ones, so that a
// packet can arrive in any number of pieces.
#include "wire/framing_cbor.hpp"

#include <cbor.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "data/appender.hpp"
#include "data/eight.hpp"
#include "data/utf8.hpp"
#include "wire/cbor_packet.hpp"
#include "wire/element.hpp"

namespace aemp::wire {
namespace {

// The kind of an item: the upper three bits of its first byte.
enum major : std::uint8_t {
  unsigned_number = 0x00,
  negative_number = 0x20,
  byte_string = 0x40,
  text_string = 0x60,
  list = 0x80,
  map = 0xa0
};

// Writes items by hand, straight into the appender: for the first byte of a text, libcbor would cost more
// than all the rest of that text.
class writer {
 public:
  writer(std::string& to, large_values* large) : to_(to), large_(large), out_(to) {}
  void flush() { out_.flush(); }

  [[gnu::always_inline]] void head(major kind, std::uint64_t n) {
    if (n < 24) return out_.put(static_cast<char>(kind | n));
    long_head(kind, n);
  }

  void append(std::string_view text) {
    if (text.size() >= 24) return put_string(data::is_utf8(text) ? text_string : byte_string, text);
    char* const to = out_.room();
    const auto beyond_ascii =
        data::copy_short(to + 1, text, [](std::uint64_t word) { return word & data::top_bits; });
    const bool is_text = beyond_ascii == 0 || data::is_utf8_at_length(text);
    to[0] = static_cast<char>((is_text ? text_string : byte_string) | text.size());
    out_.took(1 + text.size());
  }

  void append(std::int64_t n) {
    if (n >= 0) {
      head(unsigned_number, static_cast<std::uint64_t>(n));
    } else {
      head(negative_number, ~static_cast<std::uint64_t>(n));  // -1 - n
    }
  }

  // An element of the message itself.
  template <class T>
  void append_from(const message& m, const T& element) {
    if constexpr (std::is_same_v<T, std::string_view>) {
      if (is_large(element)) return leave_out(large_text(element, m), true);
    }
    append(element);
  }

  void append(double d) { put_number(0xfb, std::bit_cast<std::uint64_t>(d), 8); }

  void append(const value& v) {
    switch (v.type()) {
      case value::kind::null:
        return out_.put('\xf6');
      case value::kind::boolean:
        return out_.put(v.boolean() ? '\xf5' : '\xf4');
      case value::kind::integer:
        return append(v.integer());
      case value::kind::unsigned_integer:
        return head(unsigned_number, v.unsigned_integer());
      case value::kind::real:
        return append(v.real());
      case value::kind::text:
      case value::kind::bytes:
        if (is_large(v.text())) [[unlikely]]
          return leave_out(large_text(v), v.type() == value::kind::text);
        return v.type() == value::kind::text ? append(v.text()) : put_string(byte_string, v.text());
      case value::kind::port:
      case value::kind::object:
        return append(std::string_view(v.to_string()));
      case value::kind::array:
        head(list, v.size());
        for (const value& element : v.elements()) append(element);
        return;
      case value::kind::map:
        head(map, v.size());
        for (const auto& [key, entry] : v.entries()) {
          append(std::string_view(key));
          append(entry);
        }
        return;
    }
  }

 private:
  void put_string(major kind, std::string_view s) {
    head(kind, s.size());
    out_.put(s);
  }

  void long_head(major kind, std::uint64_t n) {
    if (n <= UINT8_MAX) return put_number(kind | 24U, n, 1);
    if (n <= UINT16_MAX) return put_number(kind | 25U, n, 2);
    if (n <= UINT32_MAX) return put_number(kind | 26U, n, 4);
    put_number(kind | 27U, n, 8);
  }

  // The first byte, and so many bytes of the number, highest first.
  [[gnu::always_inline]] void put_number(unsigned first, std::uint64_t n, std::size_t size) {
    char* const to = out_.room();
    to[0] = static_cast<char>(first);
    data::store_eight(to + 1, __builtin_bswap64(n << (64 - 8 * size)));
    out_.took(1 + size);
  }

  bool is_large(std::string_view s) const { return s.size() >= large_size && large_ != nullptr; }

  void leave_out(large_value one, bool is_text) {
    head(is_text && data::is_utf8(one.bytes) ? text_string : byte_string, one.bytes.size());
    flush();
    one.at = to_.size();
    large_->push_back(std::move(one));
  }

  std::string& to_;
  large_values* const large_;
  data::appender out_;
};

// The size of the string that begins there, if it is a number of eight bytes; else 0. libcbor adds the bytes
// of the head to it, so a size near 2^64 overflows and becomes small.
std::uint64_t string_size(std::string_view in) {
  constexpr std::size_t longest_head = 9;
  const unsigned first = static_cast<unsigned char>(in.front());
  const bool is_string = (first & 0xe0) == byte_string || (first & 0xe0) == text_string;
  if (!is_string || (first & 0x1f) != 27 || in.size() < longest_head) return 0;
  return __builtin_bswap64(data::load_eight(in.data() + 1));
}

std::string_view chars(cbor_data data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

// The callbacks of libcbor for the item that it has read. The context is the decoder.
struct cbor_events {
  static cbor_decoder& of(void* decoder) { return *static_cast<cbor_decoder*>(decoder); }

  template <class N>
  static void number(void* d, N n) {
    of(d).add(value(n));
  }
  template <class N>
  static void negative_number(void* d, N n) {
    of(d).add(negative_integer(n));
  }

  static constexpr cbor_callbacks table = {
      .uint8 = number<std::uint8_t>,
      .uint16 = number<std::uint16_t>,
      .uint32 = number<std::uint32_t>,
      .uint64 = number<std::uint64_t>,
      .negint64 = negative_number<std::uint64_t>,
      .negint32 = negative_number<std::uint32_t>,
      .negint16 = negative_number<std::uint16_t>,
      .negint8 = negative_number<std::uint8_t>,
      .byte_string_start = [](void* d) { of(d).open(cbor_decoder::level::kind::bytes, std::nullopt); },
      .byte_string =
          [](void* d, cbor_data data, std::size_t size) {
            of(d).add_string(cbor_decoder::level::kind::bytes, chars(data, size));
          },
      .string =
          [](void* d, cbor_data data, std::size_t size) {
            of(d).add_string(cbor_decoder::level::kind::text, chars(data, size));
          },
      .string_start = [](void* d) { of(d).open(cbor_decoder::level::kind::text, std::nullopt); },
      .indef_array_start = [](void* d) { of(d).open(cbor_decoder::level::kind::list, std::nullopt); },
      .array_start = [](void* d, std::size_t n) { of(d).open(cbor_decoder::level::kind::list, n); },
      .indef_map_start = [](void* d) { of(d).open(cbor_decoder::level::kind::map, std::nullopt); },
      .map_start = [](void* d, std::size_t n) { of(d).open(cbor_decoder::level::kind::map, n); },
      .tag = [](void*, std::uint64_t) {},
      .float2 = number<float>,
      .float4 = number<float>,
      .float8 = number<double>,
      .undefined = [](void* d) { of(d).add(value()); },
      .null = [](void* d) { of(d).add(value()); },
      .boolean = number<bool>,
      .indef_break = [](void* d) { of(d).on_break(); },
  };
};

void cbor_encoder::append(out_buffer& buffer, const destination& to, const message& m, large_values* large) {
  writer out(buffer.text(), large);
  out.head(list, m.size() + 1);
  out.append(to.name);
  each_element(m, 0, [&](const auto& element) { out.append_from(m, element); });
  out.flush();
}

result<std::size_t> cbor_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  std::string_view port;
  while (!rest.empty()) {
    if (packet_size_ == 0) {
      if (const std::size_t size = read_cbor_packet(rest, limits_, port, elements_); size != 0) {
        rest.remove_prefix(size);
        deliver(notes_.of(port), elements_.take(), sink);
        continue;
      }
    }
    if (string_size(rest) > limits_.max_packet) return packet_too_large(limits_.max_packet);
    const auto item =
        cbor_stream_decode(reinterpret_cast<cbor_data>(rest.data()), rest.size(), &cbor_events::table, this);
    const std::size_t room = limits_.max_packet - packet_size_;
    if (item.read > room) return packet_too_large(limits_.max_packet);
    if (failure_) return *failure_;
    if (item.status == CBOR_DECODER_ERROR) {
      fail("malformed_packet", "a byte that starts no CBOR item");
      return *failure_;
    }
    if (item.status == CBOR_DECODER_NEDATA) {
      if (std::max(item.required, rest.size()) > room) return packet_too_large(limits_.max_packet);
      break;
    }
    packet_size_ += item.read;
    rest.remove_prefix(item.read);
    if (packet_) {
      packet_size_ = 0;
      weight_ = weight_left(limits_.max_weight);
      if (auto delivered = deliver(*packet_, sink); !delivered) return delivered.error();
      packet_.reset();
    }
  }
  return in.size() - rest.size();
}

bool cbor_decoder::charge(bool fits) {
  if (!fits) failure_ = packet_too_heavy(limits_.max_weight);
  return fits;
}

void cbor_decoder::open(level::kind what, std::optional<std::uint64_t> items) {
  if (open_.empty() && what != level::kind::list)
    return fail("malformed_packet", "a packet must be an array");
  if (open_.size() == limits_.max_depth)
    return fail("packet_too_deep", "lists and maps are nested too deeply");
  if (!open_.empty() && (open_.back().what == level::kind::text || open_.back().what == level::kind::bytes)) {
    return fail("malformed_packet", "something else inside a string");
  }
  // Every item has at least one byte, so a count that cannot fit is refused before anything is allocated for
  // it.
  const std::uint64_t bytes_per_item = what == level::kind::map ? 2 : 1;
  if (items && *items > limits_.max_packet / bytes_per_item) {
    failure_ = packet_too_large(limits_.max_packet);
    return;
  }
  if (!charge(weight_.take(value_weight::container))) return;
  open_.push_back({.what = what, .left = items, .elements = {}, .entries = {}, .key = {}, .pieces = {}});
  if (!items) return;
  constexpr std::uint64_t believable = 256;
  if (what == level::kind::list) open_.back().elements.reserve(std::min(*items, believable));
  if (*items == 0) close();
}

void cbor_decoder::add(value v) {
  if (open_.empty()) return fail("malformed_packet", "a packet must be an array");
  level& top = open_.back();
  switch (top.what) {
    case level::kind::list:
      if (!charge(weight_.take(value_weight::element))) return;
      top.elements.push_back(std::move(v));
      break;
    case level::kind::map:
      if (!top.key) {
        const bool usable =
            v.is_text() || v.type() == value::kind::integer || v.type() == value::kind::unsigned_integer;
        if (!usable) return fail("malformed_packet", "a map key that is neither text nor a whole number");
        top.key = v.to_string();
        return;
      }
      if (!charge(weight_.take(value_weight::entry + value_weight::element))) return;
      top.entries.insert_or_assign(std::move(*top.key), std::move(v));
      top.key.reset();
      break;
    default:
      return fail("malformed_packet", "something else inside a string");
  }
  if (top.left && --*top.left == 0) close();
}

void cbor_decoder::add_string(level::kind what, std::string_view text) {
  if (!open_.empty() && open_.back().what == what) {
    open_.back().pieces += text;
  } else {
    add(what == level::kind::text ? cbor_text(text) : value::bytes_of(text));
  }
}

// The innermost open item is complete and becomes an element of the enclosing one, which may complete that,
// too.
void cbor_decoder::close() {
  level done = std::move(open_.back());
  open_.pop_back();
  switch (done.what) {
    case level::kind::list:
      if (open_.empty()) {
        packet_ = std::move(done.elements);
      } else {
        add(std::move(done.elements));
      }
      return;
    case level::kind::map:
      return add(std::move(done.entries));
    default:
      return add_string(done.what, done.pieces);
  }
}

void cbor_decoder::on_break() {
  if (open_.empty() || open_.back().left || open_.back().key) {
    return fail("malformed_packet", "a break where none belongs");
  }
  close();
}

void cbor_decoder::fail(std::string_view name, std::string_view what) {
  failure_ = error{std::string(name), "CBOR: " + std::string(what) + ", at byte " +
                                          std::to_string(packet_size_) + " of a packet"};
}

}  // namespace aemp::wire
