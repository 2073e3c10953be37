#include "wire/native_reader.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "data/utf8.hpp"
#include "wire/native_format.hpp"

namespace aemp::wire {

using namespace native;

native_reader::outcome native_reader::read(destination& to, aemp::message& m) {
  std::uint64_t type = 0;
  if (!read_varint(type)) return outcome::failure;
  if (type != message_frame) [[unlikely]] {
    if (may_be_skipped(type)) return outcome::skip;
    fail("a frame of a type that may not be skipped and is not known here", "unknown_frame");
    return outcome::failure;
  }
  if (!read_port(to)) return outcome::failure;
  if (!read_message(m)) [[unlikely]] {
    decoder_.elements_.clear();
    return outcome::failure;
  }
  return outcome::message;
}

[[gnu::always_inline]] inline bool native_reader::read_message(aemp::message& m) {
  data::message_builder& elements = decoder_.elements_;
  std::uint64_t left = 0;
  if (!read_varint(left) || !enter(left, 0)) return false;
  if (left == 0) return at_ == end_ || fail("something behind the last element");
  elements.reserve(left);
  std::uint64_t key = 0;
  const unsigned first = static_cast<unsigned char>(*at_);
  if (first >= small_known && first < integer) {  // a tag as it usually comes
    const native_decoder::text* const known = decoder_.texts_.find(first - small_known);
    if (known == nullptr) return fail("a text by a number that has no name");
    ++at_;
    elements.add(known->what);
    key = known->key;
    --left;
  }
  const auto put = [&](auto&& v) { elements.add(std::forward<decltype(v)>(v)); };
  for (; left != 0; --left) {
    if (!read_element(put, 1)) return false;
  }
  if (at_ != end_) [[unlikely]]
    return fail("something behind the last element");
  m = elements.take(key != 0 ? key : elements.key_of_first());
  return true;
}

error native_reader::why() const {
  return {std::string(name_),
          "aemp1: " + std::string(what_) + ", at byte " + std::to_string(at_ - start_) + " of a frame"};
}

bool native_reader::fail(std::string_view what, std::string_view name) {
  what_ = what;
  name_ = name;
  return false;
}

[[gnu::always_inline]] inline bool native_reader::read_port(destination& to) {
  std::uint64_t n = 0;
  if (!read_varint(n)) return false;
  if (n % 2 != 0) return read_new_port(to, n / 2);
  native_decoder::port* const known = decoder_.ports_.find(n / 2);
  if (known == nullptr) [[unlikely]]
    return fail("a port by a number that has no name");
  to = destination(known->name, &known->note);
  return true;
}

bool native_reader::read_new_port(destination& to, std::uint64_t number) {
  if (!read_sized(to.name)) return false;
  if (number == unnumbered) return true;
  if (to.name.size() > longest_name) return fail("a name too long for a number");
  return decoder_.ports_.define(number, {std::string(to.name)}) || fail("a number for a name out of turn");
}

[[gnu::always_inline]] inline bool native_reader::read_byte(unsigned& b) {
  if (at_ == end_) [[unlikely]]
    return fail("the end of the frame inside an element");
  b = static_cast<unsigned char>(*at_++);
  return true;
}

[[gnu::always_inline]] inline bool native_reader::read_varint(std::uint64_t& n) {
  unsigned b = 0;
  if (!read_byte(b)) return false;
  n = b;
  return b < 0x80 || read_more_of_varint(n);
}

bool native_reader::read_more_of_varint(std::uint64_t& n) {
  n &= 0x7f;
  for (unsigned shift = 7, b = 0x80; b >= 0x80; shift += 7) {
    if (!read_byte(b)) return false;
    if (shift == 63 && b > 1) return fail("a number of more than 64 bits");
    n |= std::uint64_t{b & 0x7f} << shift;
  }
  return true;
}

[[gnu::always_inline]] inline bool native_reader::read_bytes(std::string_view& out, std::uint64_t size) {
  if (size > static_cast<std::uint64_t>(end_ - at_)) [[unlikely]]
    return fail("something longer than its frame");
  out = {at_, static_cast<std::size_t>(size)};
  at_ += size;
  return true;
}

bool native_reader::read_sized(std::string_view& out) {
  std::uint64_t size = 0;
  return read_varint(size) && read_bytes(out, size);
}

bool native_reader::read_name(std::string_view& name) {
  if (!read_sized(name)) return false;
  return name.size() <= longest_name || fail("a name too long for a number");
}

[[gnu::always_inline]] inline bool native_reader::read_integer(std::int64_t& n, std::size_t size) {
  std::string_view number;
  const bool is_roomy = end_ - at_ >= 8;
  if (!read_bytes(number, size)) return false;
  // All eight bytes in one go, where there are so many.
  n = unzigzag(is_roomy ? load(number.data(), 8) & UINT64_MAX >> (64 - 8 * size) : load(number.data(), size));
  return true;
}

template <class Put>
[[gnu::always_inline]] inline bool native_reader::read_text(Put& put, std::uint64_t size) {
  std::string_view s;
  if (!read_bytes(s, size)) return false;
  if (!data::is_utf8(s)) [[unlikely]]
    return fail("text that is no UTF-8");
  put(s);
  return true;
}

template <class Put>
[[gnu::always_inline]] inline bool native_reader::read_element(Put put, std::size_t depth) {
  unsigned first = 0;
  if (!read_byte(first)) return false;
  if (first < small_text) {
    put(static_cast<std::int64_t>(first) + lowest_small_integer);
    return true;
  }
  if (first < small_bytes) return read_text(put, first - small_text);
  if (first < small_list) {
    std::string_view s;
    if (!read_bytes(s, first - small_bytes)) return false;
    put(value::bytes_of(s));
    return true;
  }
  if (first >= integer && first < unsigned_integer) {
    std::int64_t n = 0;
    if (!read_integer(n, first - integer + 1)) return false;
    put(n);
    return true;
  }
  if (first >= small_known && first < integer) {
    const value* const known = known_text(first - small_known);
    if (known != nullptr) put(*known);
    return known != nullptr;
  }
  return read_rare(put, first, depth);
}

template <class Put>
[[gnu::noinline]] bool native_reader::read_rare(Put& put, unsigned first, std::size_t depth) {
  std::string_view s;
  std::uint64_t n = 0;
  value nested;
  switch (first) {
    case null:
      put(nullptr);
      return true;
    case no:
    case yes:
      put(first == yes);
      return true;
    case unsigned_integer:
    case real:
      if (!read_bytes(s, 8)) return false;
      n = load(s.data(), 8);
      first == real ? put(std::bit_cast<double>(n)) : put(n);
      return true;
    case text:
      return read_varint(n) && read_text(put, n);
    case bytes:
      if (!read_sized(s)) return false;
      put(value::bytes_of(s));
      return true;
    default:
      break;
  }
  if ((first >= small_list && first < small_known) || first == list || first == map) {
    const bool is_small = first < small_known;
    const bool is_map = is_small ? first >= small_map : first == map;
    n = first - (is_map ? small_map : small_list);
    if (!is_small && !read_varint(n)) return false;
    if (!(is_map ? read_map(nested, n, depth) : read_list(nested, n, depth))) return false;
    put(std::move(nested));
    return true;
  }
  const value* const known = read_named(first);
  if (known != nullptr) put(*known);
  return known != nullptr;
}

// The text or port ID that the element is; null after a failure.
const value* native_reader::read_named(unsigned first) {
  std::uint64_t n = 0;
  switch (first) {
    case element::known_text:
      return read_varint(n) ? known_text(n) : nullptr;
    case element::new_text:
      return define_text(n) ? known_text(n) : nullptr;
    case element::known_port:
      return read_varint(n) ? known_port(n) : nullptr;
    case element::new_port:
      return define_port(n) ? known_port(n) : nullptr;
    default:
      fail("a byte that starts no element");
      return nullptr;
  }
}

const value* native_reader::known_text(std::uint64_t n) {
  const native_decoder::text* const known = decoder_.texts_.find(n);
  if (known != nullptr) return &known->what;
  fail("a text by a number that has no name");
  return nullptr;
}

const value* native_reader::known_port(std::uint64_t n) {
  const value* const known = decoder_.ids_.find(n);
  if (known == nullptr) fail("a port ID by a number that has no name");
  return known;
}

bool native_reader::define_text(std::uint64_t& n) {
  std::string_view name;
  if (!read_varint(n) || !read_name(name)) return false;
  if (!data::is_utf8(name)) return fail("text that is no UTF-8");
  return decoder_.texts_.define(n, {value(name), symbol_key(name)}) ||
         fail("a number for a name out of turn");
}

bool native_reader::define_port(std::uint64_t& n) {
  std::string_view name;
  if (!read_varint(n) || !read_name(name)) return false;
  const auto id = port_id::parse(name);
  if (!id) return fail("a port ID that is none");
  return decoder_.ids_.define(n, value(*id)) || fail("a number for a name out of turn");
}

// Something with elements of its own, of which each has a byte at least.
bool native_reader::enter(std::uint64_t count, std::size_t depth) {
  if (depth >= decoder_.limits_.max_depth)
    return fail("lists and maps lie too deep in each other", "packet_too_deep");
  return count <= static_cast<std::uint64_t>(end_ - at_) || fail("something longer than its frame");
}

bool native_reader::read_list(value& out, std::uint64_t count, std::size_t depth) {
  if (!enter(count, depth)) return false;
  value::array elements;
  constexpr std::uint64_t believable = 256;
  elements.reserve(std::min(count, believable));
  const auto put = [&](auto&& v) { elements.emplace_back(std::forward<decltype(v)>(v)); };
  for (; count > 0; --count) {
    if (!read_element(put, depth + 1)) return false;
  }
  out = value(std::move(elements));
  return true;
}

bool native_reader::read_map(value& out, std::uint64_t count, std::size_t depth) {
  if (!enter(count, depth)) return false;
  value::map entries;
  for (; count > 0; --count) {
    std::string_view key;
    if (!read_sized(key)) return false;
    const auto put = [&](auto&& v) {
      entries.insert_or_assign(std::string(key), value(std::forward<decltype(v)>(v)));
    };
    if (!read_element(put, depth + 1)) return false;
  }
  out = value(std::move(entries));
  return true;
}

}  // namespace aemp::wire
