// libcbor knows the bytes of single items; how items nest is kept here, in a stack of what is open, so that a
// packet can arrive in any number of pieces.
#include "wire/framing_cbor.hpp"

#include <cbor.h>

#include <algorithm>
#include <array>
#include <utility>

#include "data/utf8.hpp"

namespace aemp::wire {
namespace {

// Appends what one of libcbor's encode functions writes: never more than nine bytes.
template <class... Parameters, class... Arguments>
void append_item(std::string& out, std::size_t (*encode)(Parameters...), Arguments... arguments) {
  std::array<unsigned char, 16> item;
  const std::size_t size = encode(arguments..., item.data(), item.size());
  out.append(reinterpret_cast<const char*>(item.data()), size);
}

void append_bytes(std::string& out, std::string_view bytes) {
  append_item(out, cbor_encode_bytestring_start, bytes.size());
  out += bytes;
}

void append_text(std::string& out, std::string_view text) {
  if (!data::is_utf8(text)) return append_bytes(out, text);
  append_item(out, cbor_encode_string_start, text.size());
  out += text;
}

void append_integer(std::string& out, std::int64_t n) {
  if (n >= 0) {
    append_item(out, cbor_encode_uint, static_cast<std::uint64_t>(n));
  } else {
    append_item(out, cbor_encode_negint, ~static_cast<std::uint64_t>(n));  // -1 - n
  }
}

void append_value(std::string& out, const value& v) {
  switch (v.type()) {
    case value::kind::null:
      return append_item(out, cbor_encode_null);
    case value::kind::boolean:
      return append_item(out, cbor_encode_bool, v.boolean());
    case value::kind::integer:
      return append_integer(out, v.integer());
    case value::kind::unsigned_integer:
      return append_item(out, cbor_encode_uint, v.unsigned_integer());
    case value::kind::real:
      return append_item(out, cbor_encode_double, v.real());
    case value::kind::text:
      return append_text(out, v.text());
    case value::kind::bytes:
      return append_bytes(out, v.text());
    case value::kind::port:
    case value::kind::object:
      return append_text(out, v.to_string());
    case value::kind::array:
      append_item(out, cbor_encode_array_start, v.size());
      for (const value& element : v.elements()) append_value(out, element);
      return;
    case value::kind::map:
      append_item(out, cbor_encode_map_start, v.size());
      for (const auto& [key, entry] : v.entries()) {
        append_text(out, key);
        append_value(out, entry);
      }
      return;
  }
}

// A negative integer is sent as -1 - n.
value negative(std::uint64_t n) {
  if (n <= static_cast<std::uint64_t>(INT64_MAX)) return value(-1 - static_cast<std::int64_t>(n));
  return n == UINT64_MAX ? value("-18446744073709551616") : value("-" + std::to_string(n + 1));
}

std::string_view chars(cbor_data data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

// What libcbor calls for the item it has read; the context is the decoder.
struct cbor_events {
  static cbor_decoder& of(void* decoder) { return *static_cast<cbor_decoder*>(decoder); }

  template <class N>
  static void number(void* d, N n) {
    of(d).add(value(n));
  }
  template <class N>
  static void negative_number(void* d, N n) {
    of(d).add(negative(n));
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

void cbor_encoder::append(std::string& out, std::string_view port, const message& m) {
  append_item(out, cbor_encode_array_start, m.size() + 1);
  append_text(out, port);
  for (std::size_t i = 0; i < m.size(); ++i) append_value(out, m[i]);
}

result<std::size_t> cbor_decoder::decode(std::string_view in, packet_sink& sink) {
  std::string_view rest = in;
  while (!rest.empty()) {
    const auto item =
        cbor_stream_decode(reinterpret_cast<cbor_data>(rest.data()), rest.size(), &cbor_events::table, this);
    if (failure_) return *failure_;
    if (item.status == CBOR_DECODER_ERROR) {
      fail("malformed_packet", "a byte that starts no CBOR item");
      return *failure_;
    }
    const std::size_t room = limits_.max_packet - packet_size_;
    if (item.status == CBOR_DECODER_NEDATA) {
      if (std::max(item.required, rest.size()) > room) return packet_too_large(limits_.max_packet);
      break;
    }
    if (item.read > room) return packet_too_large(limits_.max_packet);
    packet_size_ += item.read;
    rest.remove_prefix(item.read);
    if (packet_) {
      packet_size_ = 0;
      if (auto delivered = deliver(*std::exchange(packet_, {}), sink); !delivered) return delivered.error();
    }
  }
  return in.size() - rest.size();
}

void cbor_decoder::open(level::kind what, std::optional<std::uint64_t> items) {
  if (open_.empty() && what != level::kind::list)
    return fail("malformed_packet", "a packet must be an array");
  if (open_.size() == limits_.max_depth)
    return fail("packet_too_deep", "lists and maps lie too deep in each other");
  if (!open_.empty() && (open_.back().what == level::kind::text || open_.back().what == level::kind::bytes)) {
    return fail("malformed_packet", "something else inside a string");
  }
  // Every item has a byte at least, so a count that cannot fit is refused before anything is kept for it.
  const std::uint64_t bytes_per_item = what == level::kind::map ? 2 : 1;
  if (items && *items > limits_.max_packet / bytes_per_item) {
    failure_ = packet_too_large(limits_.max_packet);
    return;
  }
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
    add(what == level::kind::text && data::is_utf8(text) ? value(text) : value::bytes_of(text));
  }
}

// The innermost open thing is complete and becomes an element of what it lies in, which may complete that
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
