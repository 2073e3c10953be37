#include "wire/native_reader.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <string>
#include <utility>

#include "data/utf8.hpp"
#include "wire/native_format.hpp"

namespace aemp::wire {

using namespace native;

namespace {

constexpr std::uint64_t few_elements = 256;  // of a message: checked only beyond this count

template <class... A>
[[gnu::always_inline]] inline void put(value* out, A&&... a) {
  ::new (static_cast<void*>(out)) value(std::forward<A>(a)...);
}
[[gnu::always_inline]] inline void put_bytes(value* out, std::string_view s) {
  ::new (static_cast<void*>(out)) value(value::bytes_of(s));
}

}  // namespace

native_reader::place native_reader::fail(place at, std::string_view what, std::string_view name) {
  failed_at_ = at;
  what_ = what;
  name_ = name;
  return nullptr;
}

error native_reader::why() const {
  return {std::string(name_), "aemp1: " + std::string(what_) + ", at byte " +
                                  std::to_string(failed_at_ - start_) + " of a frame"};
}

[[gnu::always_inline]] inline native_reader::number native_reader::read_varint(place at) {
  if (at != end_ && static_cast<unsigned char>(*at) < 0x80) [[likely]]
    return {at + 1, static_cast<unsigned char>(*at)};
  return read_long_varint(at);
}

[[gnu::noinline]] native_reader::number native_reader::read_long_varint(place at) {
  std::uint64_t n = 0;
  for (unsigned shift = 0, b = 0x80; b >= 0x80; shift += 7) {
    if (at == end_) return {fail(at, "the end of the frame inside an element"), 0};
    b = static_cast<unsigned char>(*at++);
    if (shift == 63 && b > 1) return {fail(at, "a number of more than 64 bits"), 0};
    n |= std::uint64_t{b & 0x7f} << shift;
  }
  return {at, n};
}

[[gnu::always_inline]] inline native_reader::piece native_reader::read_bytes(place at, std::uint64_t size) {
  if (size > static_cast<std::uint64_t>(end_ - at)) [[unlikely]]
    return {fail(at, "something longer than its frame"), {}};
  return {at + size, {at, static_cast<std::size_t>(size)}};
}

native_reader::piece native_reader::read_sized(place at) {
  const number size = read_varint(at);
  if (size.behind == nullptr) return {};
  return read_bytes(size.behind, size.n);
}

native_reader::piece native_reader::read_name(place at) {
  const piece name = read_sized(at);
  if (name.behind != nullptr && name.bytes.size() > longest_name)
    return {fail(name.behind, "a name too long for a number"), {}};
  return name;
}

[[gnu::always_inline]] inline native_reader::number native_reader::read_integer(place at, std::size_t size) {
  if (end_ - at >= 8) [[likely]]  // all eight bytes in one go
    return {at + size, load(at, 8) & UINT64_MAX >> (64 - 8 * size)};
  const piece p = read_bytes(at, size);
  return {p.behind, p.behind == nullptr ? 0 : load(at, size)};
}

bool native_reader::read_alone(std::string_view frame, value& out) {
  is_alone_ = true;
  const place at = read_element(begin(frame), &out, 1);
  if (at == nullptr) return false;
  if (at != end_) fail(at, "something behind an element");
  return at == end_;
}

[[gnu::always_inline]] inline native_reader::place native_reader::read_port(place at, destination& to) {
  const number n = read_varint(at);
  if (n.behind == nullptr) return nullptr;
  if (n.n % 2 != 0) return read_new_port(n.behind, to, n.n / 2);
  native_decoder::port* const known = decoder_.ports_.find(n.n / 2);
  if (known == nullptr) [[unlikely]]
    return fail(n.behind, "a port by a number that has no name");
  to = destination(known->name, &known->note);
  return n.behind;
}

native_reader::place native_reader::read_new_port(place at, destination& to, std::uint64_t number) {
  const piece name = number == unnumbered ? read_sized(at) : read_name(at);
  if (name.behind == nullptr) return nullptr;
  if (number != unnumbered && !decoder_.ports_.define(number, {std::string(name.bytes)}))
    return fail(name.behind, "a number for a name out of turn");
  to = destination(name.bytes);
  return name.behind;
}

// Each element belongs to the message as soon as it is read, so that a failure destroys it, too.
[[gnu::always_inline]] inline native_reader::place native_reader::read_message(place at, aemp::message& m) {
  const number count = read_varint(at);
  if (count.behind == nullptr || !enter(count.behind, count.n, 0)) return nullptr;
  at = count.behind;
  if (count.n > few_elements && !charge(at, weight_.take_list(count.n))) [[unlikely]]
    return nullptr;
  if (count.n != 0) {
    detail::values_block& b = *detail::new_values_block(count.n);
    m = message::adopt(&b);
    value* out = b.begin();
    const value* const end = out + count.n;
    const unsigned first = static_cast<unsigned char>(*at);
    if (first >= small_known && first < integer) {  // a tag in its usual form
      const native_decoder::text* const known = known_text(at, first - small_known);
      if (known == nullptr) return nullptr;
      ++at;
      put(out++, known->what);
      b.key = known->key;
      b.size = 1;
    }
    for (; out != end; ++out, ++b.size) {
      at = read_element(at, out, 1);
      if (at == nullptr) return nullptr;
    }
    if (b.key == 0) set_key(b);
  }
  if (at != end_) [[unlikely]]
    return fail(at, "something behind the last element");
  return at;
}

[[gnu::always_inline]] inline native_reader::place native_reader::read_text(place at, value* out,
                                                                            std::uint64_t size) {
  const piece s = read_bytes(at, size);
  if (s.behind == nullptr) [[unlikely]]
    return nullptr;
  if (!data::is_ascii(s.bytes) && !data::is_utf8(s.bytes)) [[unlikely]]
    return fail(s.behind, "text that is no UTF-8");
  put(out, s.bytes);
  return s.behind;
}

[[gnu::always_inline]] inline native_reader::place native_reader::read_element(place at, value* out,
                                                                               std::size_t depth) {
  if (at == end_) [[unlikely]]
    return fail(at, "the end of the frame inside an element");
  const unsigned first = static_cast<unsigned char>(*at++);
  if (first < small_text) {
    put(out, static_cast<std::int64_t>(first) + lowest_small_integer);
    return at;
  }
  if (first < small_bytes) return read_text(at, out, first - small_text);
  if (first < small_list) {
    const piece s = read_bytes(at, first - small_bytes);
    if (s.behind != nullptr) put_bytes(out, s.bytes);
    return s.behind;
  }
  if (first >= integer && first < unsigned_integer) {
    const number n = read_integer(at, first - integer + 1);
    if (n.behind != nullptr) put(out, unzigzag(n.n));
    return n.behind;
  }
  return read_other(at, out, first, depth);
}

[[gnu::noinline]] native_reader::place native_reader::read_other(place at, value* out, unsigned first,
                                                                 std::size_t depth) {
  if (first < small_map) return read_list(at, out, first - small_list, depth);
  if (first < small_known) return read_map(at, out, first - small_map, depth);
  if (first < integer) return copy_text(at, out, first - small_known);
  switch (first) {
    case null:
      put(out, nullptr);
      return at;
    case no:
    case yes:
      put(out, first == yes);
      return at;
    case unsigned_integer:
    case real: {
      const number n = read_integer(at, 8);
      if (n.behind != nullptr) first == real ? put(out, std::bit_cast<double>(n.n)) : put(out, n.n);
      return n.behind;
    }
    case bytes: {
      const piece s = read_sized(at);
      if (s.behind != nullptr) put_bytes(out, s.bytes);
      return s.behind;
    }
    case new_text:
      return read_new_text(at, out);
    case new_port:
      return read_new_id(at, out);
    default:
      break;
  }
  if (first > element_in_parts) return fail(at, "a byte that starts no element");
  const number n = read_varint(at);
  if (n.behind == nullptr) return nullptr;
  switch (first) {
    case text:
      return read_text(n.behind, out, n.n);
    case list:
      return read_list(n.behind, out, n.n, depth);
    case map:
      return read_map(n.behind, out, n.n, depth);
    case element::known_text:
      return copy_text(n.behind, out, n.n);
    case element::known_port:
      return copy_port(n.behind, out, n.n);
    default:
      return read_announcement(n.behind, out, first, n.n, depth);
  }
}

[[gnu::always_inline]] inline const native_decoder::text* native_reader::known_text(place at,
                                                                                    std::uint64_t n) {
  const native_decoder::text* const known = decoder_.texts_.find(n);
  if (known == nullptr) [[unlikely]]
    fail(at, "a text by a number that has no name");
  return known;
}

native_reader::place native_reader::copy_text(place at, value* out, std::uint64_t n) {
  const native_decoder::text* const known = known_text(at, n);
  if (known == nullptr) return nullptr;
  put(out, known->what);
  return at;
}

native_reader::place native_reader::copy_port(place at, value* out, std::uint64_t n) {
  const value* const known = decoder_.ids_.find(n);
  if (known == nullptr) return fail(at, "a port ID by a number that has no name");
  put(out, *known);
  return at;
}

native_reader::place native_reader::read_new_text(place at, value* out) {
  const number n = read_varint(at);
  const piece name = n.behind == nullptr ? piece{} : read_name(n.behind);
  if (name.behind == nullptr) return nullptr;
  if (!data::is_utf8(name.bytes)) return fail(name.behind, "text that is no UTF-8");
  if (!decoder_.texts_.define(n.n, {value(name.bytes), symbol_key(name.bytes)}))
    return fail(name.behind, "a number for a name out of turn");
  put(out, name.bytes);
  return name.behind;
}

native_reader::place native_reader::read_new_id(place at, value* out) {
  const number n = read_varint(at);
  const piece name = n.behind == nullptr ? piece{} : read_name(n.behind);
  if (name.behind == nullptr) return nullptr;
  const auto id = port_id::parse(name.bytes);
  if (!id) return fail(name.behind, "a port ID that is none");
  if (n.n != unnumbered && !decoder_.ids_.define(n.n, value(*id)))
    return fail(name.behind, "a number for a name out of turn");
  put(out, *id);
  return name.behind;
}

// An element whose bytes come later. Its value stays null until then.
native_reader::place native_reader::read_announcement(place at, value* out, unsigned kind, std::uint64_t size,
                                                      std::size_t depth) {
  if (depth != 1 || is_alone_) return fail(at, "something in parts that is no element of a message");
  const std::size_t most = decoder_.limits_.max_packet;
  if (size > most || size + price_of_a_part > most - announced_)
    return fail(at, "a message of more than max_packet bytes", "packet_too_large");
  announced_ += static_cast<std::size_t>(size) + price_of_a_part;
  put(out, nullptr);
  decoder_.announced_.push_back({out, kind, detail::growing_blob(static_cast<std::size_t>(size))});
  return at;
}

// Enters something with elements of its own, each of which has at least one byte.
[[gnu::always_inline]] inline bool native_reader::enter(place at, std::uint64_t count, std::size_t depth) {
  const bool is_too_deep = depth >= decoder_.limits_.max_depth;
  const bool is_too_long = count > static_cast<std::uint64_t>(end_ - at);
  if (is_too_long) fail(at, "something longer than its frame");
  if (is_too_deep) fail(at, "lists and maps are nested too deeply", "packet_too_deep");
  return !is_too_deep && !is_too_long;
}

bool native_reader::charge(place at, bool fits) {
  if (!fits) fail(at, "a message of more than max_weight bytes of memory", "packet_too_large");
  return fits;
}

native_reader::place native_reader::read_list(place at, value* out, std::uint64_t count, std::size_t depth) {
  if (!enter(at, count, depth) || !charge(at, weight_.take_list(count))) return nullptr;
  value::array elements;
  constexpr std::uint64_t believable = 256;
  elements.reserve(std::min(count, believable));
  for (; count > 0; --count) {
    at = read_element(at, &elements.emplace_back(), depth + 1);
    if (at == nullptr) return nullptr;
  }
  put(out, std::move(elements));
  return at;
}

native_reader::place native_reader::read_map(place at, value* out, std::uint64_t count, std::size_t depth) {
  if (!enter(at, count, depth) || !charge(at, weight_.take_map(count))) return nullptr;
  value::map entries;
  for (; count > 0; --count) {
    const piece key = read_sized(at);
    if (key.behind == nullptr) return nullptr;
    value entry;
    at = read_element(key.behind, &entry, depth + 1);
    if (at == nullptr) return nullptr;
    entries.insert_or_assign(std::string(key.bytes), std::move(entry));
  }
  put(out, std::move(entries));
  return at;
}

[[gnu::always_inline]] inline native_reader::outcome native_reader::read(std::string_view frame,
                                                                         destination& to, aemp::message& m) {
  const number type = read_varint(begin(frame));
  if (type.behind == nullptr) return outcome::failure;
  if (type.n != message_frame) [[unlikely]] {
    if (may_be_skipped(type.n)) return outcome::skip;
    if (type.n == part_frame) {
      to.name = {type.behind, static_cast<std::size_t>(end_ - type.behind)};
      return outcome::part;
    }
    fail(type.behind, "a frame of an unknown type that may not be skipped", "unknown_frame");
    return outcome::failure;
  }
  const place at = read_port(type.behind, to);
  return at != nullptr && read_message(at, m) != nullptr ? outcome::message : outcome::failure;
}

[[gnu::always_inline]] inline bool native_decoder::take_frame(native_reader& reader, std::string_view frame,
                                                              packet_sink& sink) {
  destination to;
  message m;
  switch (reader.read(frame, to, m)) {
    case native_reader::outcome::message:
      if (!announced_.empty()) [[unlikely]]
        return begin_unfinished(to.name, std::move(m), sink);
      deliver(to, std::move(m), sink);
      return true;
    case native_reader::outcome::part:
      return begin_part(to.name.size()) && take_part(to.name, sink);
    case native_reader::outcome::skip:
      return true;
    case native_reader::outcome::failure:
      break;
  }
  announced_.clear();  // they refer to the message
  failure_ = reader.why();
  return false;
}

// False after a failure. Leaves what is incomplete or wrong to the slower path.
bool native_decoder::take_whole_frames(std::string_view& in, packet_sink& sink) {
  native_reader reader(*this);
  std::string_view rest = in;
  bool well = true;
  while (well && rest.size() > head_size) {
    const auto length = static_cast<std::uint32_t>(load(rest.data(), head_size));
    if (length == 0 || length > rest.size() - head_size || head_size + length > limits_.max_packet) break;
    const std::string_view frame(rest.data() + head_size, length);
    rest.remove_prefix(head_size + length);
    well = take_frame(reader, frame, sink);
  }
  in = rest;
  return well;
}

}  // namespace aemp::wire
