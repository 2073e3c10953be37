// Writing is one pass that appends; the length is put in front at the end.
#include "wire/framing_native.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "data/eight.hpp"
#include "data/utf8.hpp"
#include "wire/element.hpp"
#include "wire/native_format.hpp"

namespace aemp::wire {
namespace {

using namespace native;

// A longer first element is data rather than a tag.
constexpr std::size_t longest_tag = 64;

// Looks at both ends only, which is where names of ports differ.
std::uint64_t hash_of(std::string_view name) {
  if (name.size() < 8) return symbol_key(name);
  return load(name.data(), 8) + 0x9e3779b97f4a7c15 * load(name.data() + name.size() - 8, 8) + name.size();
}

// Whether two names with the same hash are equal. The hash of a short name is the name itself.
bool is_same(std::string_view a, std::string_view b) {
  return a.size() < 8 ? a.size() == b.size() : data::is_same_text(a, b);
}

// The first element of a message whose first element is not C++ text.
const value& first_value(const detail::block& b) {
  if (b.what == detail::block::kind::values) return *static_cast<const detail::values_block&>(b).begin();
  return *static_cast<const value*>(detail::object_at(b, b.ops->places[0]));
}

// These functions write at `to`, where there must be room, and return the position after it. So that position
// stays in a register from one element to the next.
[[gnu::always_inline]] inline char* put_byte(char* to, unsigned b) {
  *to = static_cast<char>(b);
  return to + 1;
}

[[gnu::always_inline]] inline char* put_varint(char* to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) to = put_byte(to, static_cast<unsigned>(n & 0x7f) | 0x80);
  return put_byte(to, static_cast<unsigned>(n));
}

// Needs room for eight bytes, whatever the size.
[[gnu::always_inline]] inline char* put_number(char* to, unsigned first, std::uint64_t n, std::size_t size) {
  store(put_byte(to, first), n, 8);
  return to + 1 + size;
}

// Writes the head of an element with a size. A small size is in the first byte, from `small` up to `end`; any
// other follows the byte `large`.
[[gnu::always_inline]] inline char* put_size(char* to, unsigned small, unsigned end, unsigned large,
                                             std::size_t size) {
  if (size < end - small) return put_byte(to, small + static_cast<unsigned>(size));
  return put_varint(put_byte(to, large), size);
}

// Up to 32 bytes, without a call. Some bytes are copied twice.
[[gnu::always_inline]] inline char* put_few(char* to, std::string_view s) {
  const std::size_t size = s.size();
  const auto both_ends = [&](std::size_t n) {
    std::memcpy(to, s.data(), n);
    std::memcpy(to + size - n, s.data() + size - n, n);
  };
  if (size >= 16) {
    both_ends(16);
  } else if (size >= 8) {
    both_ends(8);
  } else if (size >= 4) {
    both_ends(4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = s[i];
  }
  return to + size;
}

// Writes one message into the outgoing bytes.
class writer {
 public:
  // Large elements are left out, if `large` is there to list them.
  writer(out_buffer& to, numbering<port_id>& ids, const message& m, large_values* large)
      : out_(to), ids_(ids), whole_(m), large_(large) {}

  // Leaves room for the length, which is not known yet.
  char* begin() {
    char* const to = out_.room(most_room);
    limit_ = out_.limit();
    return put_byte(to + head_size, message_frame);
  }
  // Makes room for a number or the beginning of an element, and for 32 bytes after it.
  [[gnu::always_inline]] char* room(char* to) {
    return limit_ - to >= static_cast<std::ptrdiff_t>(most_room) ? to : more_room(to);
  }
  void end(const char* at) { out_.ends_at(at); }

  // If the note identifies the port, its name need not be looked at.
  [[gnu::always_inline]] char* destination(char* to, const wire::destination& port,
                                           numbering<std::string>& ports) {
    if (port.note != nullptr && *port.note != 0 && *port.note / noted == ports.moves())
      return put_varint(to, 2 * (*port.note % noted - 1));
    return destination_by_name(to, port, ports);
  }

  // Returns null for a first element that is written like every other.
  [[gnu::always_inline]] char* tag(char* to, const detail::block& b, numbering<std::string>& tags) {
    if (b.key == 0) return nullptr;
    if (b.ops->rest == nullptr && first_value(b).type() != value::kind::text) return nullptr;
    const bool packed = (b.key & detail::hashed_tag_bit) == 0;
    const auto is = [&](const std::string& known) { return packed || known == b.ops->tag(b); };
    const auto n = tags.find(b.key, is);
    if (!n) return new_tag(to, b.ops->tag(b), b.key, tags);
    if (*n < integer - small_known) return put_byte(to, small_known + *n);
    return put_varint(put_byte(to, known_text), *n);
  }

  // The text of a value, or of an object in the message's block.
  [[gnu::always_inline]] char* append(char* to, std::string_view s, const value* of = nullptr) {
    if (!data::is_ascii(s) && !data::is_utf8(s)) [[unlikely]]
      return append_bytes(to, s, of);
    return put_element(put_size(room(to), small_text, small_bytes, text, s.size()), s, of);
  }

  [[gnu::always_inline]] char* append(char* to, std::int64_t n) {
    to = room(to);
    const std::uint64_t small =
        static_cast<std::uint64_t>(n) - static_cast<std::uint64_t>(lowest_small_integer);
    if (small < small_text) return put_byte(to, static_cast<unsigned>(small));
    const std::uint64_t folded = zigzag(n);
    const std::size_t size = (static_cast<std::size_t>(std::bit_width(folded)) + 7) / 8;
    return put_number(to, integer + static_cast<unsigned>(size) - 1, folded, size);
  }

  [[gnu::always_inline]] char* append(char* to, double d) {
    return put_number(room(to), real, std::bit_cast<std::uint64_t>(d), 8);
  }

  [[gnu::always_inline]] char* append(char* to, const value& v) {
    switch (v.type()) {
      case value::kind::integer:
        return append(to, v.integer());
      case value::kind::text:
        return append(to, v.text(), &v);
      case value::kind::bytes:
        return append_bytes(to, v.text(), &v);
      case value::kind::real:
        return append(to, v.real());
      default:
        return append_rare(to, v);
    }
  }

 private:
  static constexpr std::size_t most_room = 64;
  static constexpr std::uint64_t noted = 1 << 16;  // more than there are numbers

  [[gnu::noinline]] char* more_room(const char* at) {
    end(at);
    char* const to = out_.room(most_room);
    limit_ = out_.limit();
    return to;
  }

  // Text of any length. There is room for up to 32 bytes.
  [[gnu::always_inline]] char* put(char* to, std::string_view s) {
    return s.size() <= 32 ? put_few(to, s) : put_long(to, s);
  }
  [[gnu::noinline]] char* put_long(char* to, std::string_view s) {
    if (s.size() <= static_cast<std::size_t>(limit_ - to)) return to + s.copy(to, s.size());
    end(to);
    out_ += s;
    return more_room(out_.limit());
  }

  [[gnu::always_inline]] char* put_element(char* to, std::string_view s, const value* of) {
    return s.size() <= 32 ? put_few(to, s) : put_long_element(to, s, of);
  }
  // The element's head, with the size in it, lies before `to`. It becomes the head of an element in parts.
  [[gnu::noinline]] char* put_long_element(char* to, std::string_view s, const value* of) {
    if (s.size() < large_size || large_ == nullptr || inside_) return put_long(to, s);
    char& kind = *(to - 1 - (std::bit_width(s.size()) + 6) / 7);
    kind = static_cast<char>(kind == static_cast<char>(text) ? text_in_parts : bytes_in_parts);
    large_->push_back(of != nullptr ? large_text(*of) : large_text(s, whole_));
    return to;
  }

  // A list or map of the message itself. Its size is known only after it is written.
  char* append_container(char* to, const value& v) {
    const std::ptrdiff_t start = to - out_.begin();
    inside_ = true;
    const char* const end = append_rare(to, v);
    inside_ = false;
    to = out_.begin() + start;
    const auto size = static_cast<std::size_t>(end - to);
    if (size < large_size) return to + size;
    large_value one{.written = std::string(to, size)};
    one.bytes = one.written;
    large_->push_back(std::move(one));
    return put_varint(put_byte(to, element_in_parts), size);
  }

  [[gnu::always_inline]] char* append_bytes(char* to, std::string_view s, const value* of) {
    return put_element(put_size(room(to), small_bytes, small_list, bytes, s.size()), s, of);
  }

  char* sized(char* to, std::string_view s) { return put(put_varint(room(to), s.size()), s); }

  // The note has the number of the name, and how often numbers had moved by then. After the next move, that
  // number may belong to another name.
  [[gnu::noinline]] char* destination_by_name(char* to, const wire::destination& port,
                                              numbering<std::string>& ports) {
    const std::string_view name = port.name;
    const std::uint64_t hash = hash_of(name);
    if (const auto n = ports.find(hash, [&](const std::string& known) { return is_same(known, name); })) {
      if (port.note != nullptr) *port.note = ports.moves() * noted + *n + 1;
      return put_varint(to, 2 * *n);
    }
    const std::uint64_t n = name.size() <= longest_name ? ports.define(hash, std::string(name)) : unnumbered;
    return sized(put_varint(to, 2 * n + 1), name);
  }

  [[gnu::noinline]] char* new_tag(char* to, std::string_view name, std::uint64_t key,
                                  numbering<std::string>& tags) {
    if (name.size() > longest_tag || !data::is_utf8(name)) return nullptr;
    to = put_byte(room(to), new_text);
    return sized(put_varint(to, tags.define(key, std::string(name))), name);
  }

  [[gnu::noinline]] char* append_rare(char* to, const value& v) {
    if (large_ != nullptr && !inside_ && (v.type() == value::kind::array || v.type() == value::kind::map)) {
      return append_container(to, v);
    }
    to = room(to);
    switch (v.type()) {
      case value::kind::null:
        return put_byte(to, null);
      case value::kind::boolean:
        return put_byte(to, v.boolean() ? yes : no);
      case value::kind::unsigned_integer:
        return put_number(to, unsigned_integer, v.unsigned_integer(), 8);
      case value::kind::port:
        return append_port(to, v.port());
      case value::kind::array:
        to = put_size(to, small_list, small_map, list, v.size());
        for (const value& element : v.elements()) to = append(to, element);
        return to;
      case value::kind::map:
        to = put_size(to, small_map, small_known, map, v.size());
        for (const auto& [key, entry] : v.entries()) to = append(sized(to, key), entry);
        return to;
      default:
        return append_copy(to, v.to_string());
    }
  }

  // Copies the text, because it does not outlive this call.
  char* append_copy(char* to, const std::string& s) {
    const bool before = std::exchange(inside_, true);
    to = append(to, std::string_view(s));
    inside_ = before;
    return to;
  }

  // An ID that the receiver could not parse is written as text. An element that may be sent in parts contains
  // no numbers, because it has to mean the same whenever it arrives.
  char* append_port(char* to, const port_id& id) {
    const std::uint64_t hash = id ? id.hash() : 0;
    const bool numbered = !inside_ || large_ == nullptr;
    if (const auto n = ids_.find(hash, [&](const port_id& known) { return numbered && known == id; }))
      return put_varint(put_byte(to, known_port), *n);
    const std::string name = id.str();
    if (name.size() > longest_name || !port_id::parse(name)) return append_copy(to, name);
    return sized(put_varint(put_byte(to, new_port), numbered ? ids_.define(hash, id) : unnumbered), name);
  }

  out_buffer& out_;
  const char* limit_ = nullptr;
  numbering<port_id>& ids_;
  const message& whole_;
  large_values* const large_;
  bool inside_ = false;  // of a list or map, or where nothing may be left out
};

}  // namespace

void native_encoder::append(out_buffer& buffer, const wire::destination& to, const message& m,
                            large_values* large) {
  const std::size_t start = buffer.size();
  writer out(buffer, ids_, m, large);
  char* at = out.destination(out.begin(), to, ports_);
  const std::size_t size = m.size();
  at = put_varint(out.room(at), size);
  std::size_t i = 0;
  if (size != 0) {
    if (char* const behind = out.tag(at, *m.get(), tags_)) {
      at = behind;
      i = 1;
    }
  }
  each_element(
      m, i, [&](const auto& element) __attribute__((always_inline)) { at = out.append(at, element); });
  out.end(at);
  char* const head = buffer.begin() + start;
  store(head, static_cast<std::size_t>(at - head) - head_size, head_size);
}

}  // namespace aemp::wire
