// The reader is recursive, as deep as max_depth allows. An image in which something is repeated is read
// twice, the second time with a table of everything in it. For all other images that table would cost as much
// as the packet itself.
#include "wire/storable_image.hpp"

#include <algorithm>
#include <utility>

#include "data/utf8.hpp"
#include "wire/storable_reader.hpp"

namespace aemp::wire::storable {
namespace {

bool is_container(std::uint8_t t) { return t == list || t == map || t == map_with_flags; }

// The meaning of a refused type, for people.
std::string_view meaning_of(std::uint8_t t) {
  if (is_container(t)) return "a list or map without a reference to it";
  if (t == own_integer || t == own_real) return "a number in the sender's own format";
  return t == beyond_32_bits ? "text, a list or a map of 2 GiB or more" : "unknown";
}

}  // namespace

bool image_reader::read_packet(value::array& packet) {
  std::string_view version;
  if (!in_.read_raw(version, 2)) return false;
  if (version[0] != magic[0]) return in_.fail_at(0, "an image that is not in network order of version 2");
  std::uint8_t t = 0;
  if (!in_.read_byte(t)) return false;
  if (t != list) return in_.fail_at(in_.at() - 1, "a packet must be an array");
  if (has_table_) table_.emplace_back();
  if (!enter(1) || !read_list(packet, 1)) return false;
  return in_.is_at_end() || in_.fail_at(in_.at(), "something follows the packet in its image");
}

bool image_reader::read_value(value& out, std::size_t depth, found_in where) {
  std::uint8_t t = 0;
  if (!in_.read_byte(t)) return false;
  if (t == repeated) return read_repeated(out, depth, where);
  const std::size_t number = table_.size();
  if (has_table_ && !is_class(t) && !is_version(t)) table_.emplace_back();
  sort_ = sort::scalar;
  if (!read_content(out, t, depth, where)) return false;
  if (number < table_.size()) table_[number] = {out, sort_, true};
  return true;
}

// Sets sort_, unless it is a scalar.
bool image_reader::read_content(value& out, std::uint8_t t, std::size_t depth, found_in where) {
  switch (t) {
    case reference:
    case overloaded_reference:
    case weak_reference:
    case weak_overloaded_reference:
      return read_reference(out, depth);
    case list:
    case map:
    case map_with_flags:
      return where == found_in::reference ? read_container(out, t, depth) : refuse(t);
    case of_class:
    case of_known_class:
      return read_object(out, t, depth, where);
    case frozen_by_class:
      return read_frozen(depth);
    case tied_list:
    case tied_map:
    case tied_scalar:
    case tied_map_entry:
    case tied_list_element:
      return read_tied(out, t, depth);
    case code:
      return read_code(depth);
    case short_version:
    case long_version:
      return read_version(out, t, depth);
    case regexp:
      return read_regexp(out);
    default:
      return read_scalar(out, t);
  }
}

bool image_reader::read_scalar(value& out, std::uint8_t t) {
  std::uint32_t n = 0;
  switch (t) {
    case undefined:
    case undefined_place:
    case undefined_element:
      return true;
    case yes:
    case no:
    case boolean_true:
    case boolean_false:
      out = value(t == yes || t == boolean_true);
      return true;
    case small_integer:
      if (!in_.read_size(n, false)) return false;
      out = value(static_cast<std::int32_t>(n) - 128);
      return true;
    case integer:
      if (!in_.read_32(n)) return false;
      out = value(static_cast<std::int32_t>(n));
      return true;
    default:
      return is_string(t) ? read_string(out, t) : refuse(t);
  }
}

bool image_reader::read_string(value& out, std::uint8_t t) {
  std::uint32_t size = 0;
  std::string_view s;
  if (!in_.read_size(size, t == long_bytes || t == long_text) || !in_.read_raw(s, size)) return false;
  const bool is_text = t == short_text || t == long_text ? data::is_utf8(s) : data::is_ascii(s);
  out = is_text ? value(s) : value::bytes_of(s);
  return true;
}

// Every list and map inside of another one is behind a reference, which means nothing by itself. To Perl's
// JSON modules, references to the scalars 1 and 0 are booleans.
bool image_reader::read_reference(value& out, std::size_t depth) {
  if (!enter(depth + 1) || (!is_container(in_.next()) && !charge_element())) return false;
  if (!read_value(out, depth + 1, found_in::reference)) return false;
  if (sort_ == sort::reference) {
    lose({"a reference to a reference, which arrives as what that leads to"});
  } else if (sort_ == sort::scalar && out.type() != value::kind::boolean) {
    if (out == value(1) || out == value(0)) {
      out = value(out == value(1));
    } else {
      lose({"a reference to a scalar, which arrives as the scalar's value"});
    }
  }
  sort_ = sort::reference;
  return true;
}

bool image_reader::read_container(value& out, std::uint8_t t, std::size_t depth) {
  if (t == list) {
    value::array elements;
    if (!read_list(elements, depth)) return false;
    out = value(std::move(elements));
  } else {
    value::map entries;
    if (!read_map(entries, depth, t == map_with_flags)) return false;
    out = value(std::move(entries));
  }
  sort_ = sort::container;
  return true;
}

bool image_reader::read_list(value::array& out, std::size_t depth) {
  std::uint32_t count = 0;
  if (!in_.read_count(count, 1) || !charge(weight_.take_list(count))) return false;
  constexpr std::uint32_t believable = 256;
  out.reserve(std::min(count, believable));
  for (; count > 0; --count) {
    if (!read_value(out.emplace_back(), depth, found_in::container)) return false;
  }
  return true;
}

bool image_reader::read_map(value::map& out, std::size_t depth, bool has_flags) {
  std::uint8_t map_flags = 0;
  if (has_flags && !in_.read_byte(map_flags)) return false;
  if ((map_flags & ~map_is_restricted) != 0) return in_.fail_at(in_.at() - 1, "a map of an unknown kind");
  std::uint32_t count = 0;
  if (!in_.read_count(count, has_flags ? 6 : 5) || !charge(weight_.take_map(count))) return false;
  for (; count > 0; --count) {
    if (!read_entry(out, depth, has_flags)) return false;
  }
  return true;
}

bool image_reader::read_entry(value::map& out, std::size_t depth, bool has_flags) {
  value entry;
  std::uint8_t flags = 0;
  if (!read_value(entry, depth, found_in::container) || (has_flags && !in_.read_byte(flags))) return false;
  constexpr unsigned known = key_is_utf8 | key_was_utf8 | entry_is_locked | key_is_only_allowed;
  if ((flags & ~known) != 0) return in_.fail_at(in_.at() - 1, "a key that is no text");
  std::uint32_t size = 0;
  std::string_view key;
  if (!in_.read_32(size) || !in_.read_raw(key, size)) return false;
  if ((flags & key_is_only_allowed) != 0) return true;
  out.insert_or_assign((flags & key_was_utf8) != 0 ? data::utf8_of_latin1(key) : std::string(key),
                       std::move(entry));
  return true;
}

// The copies are shared in memory, but whoever forwards them or walks through them pays for each. So each
// weighs as much as the first.
bool image_reader::read_repeated(value& out, std::size_t depth, found_in where) {
  std::uint32_t number = 0;
  if (!in_.read_32(number)) return false;
  if (!has_table_) {
    lacks_table_ = true;
    return false;
  }
  if (number >= table_.size())
    return in_.fail_at(in_.at() - 4,
                       "a reference to number " + std::to_string(number) + ", which has not come before");
  const numbered& known = table_[number];
  sort_ = known.sort;
  if (!known.is_complete) {
    lose({"a list, map or reference inside of itself, which arrives as null there"});
    return true;
  }
  if (sort_ == sort::container && where == found_in::container) return refuse(list);
  // A list or map behind a reference is as deep as the reference.
  const std::size_t around = where == found_in::reference && is_container(known.content) ? depth - 1 : depth;
  if (!enter(around + known.content.depth()) || !charge(weight_.take(known.content.weight()))) return false;
  out = known.content;
  return true;
}

bool image_reader::refuse(std::uint8_t t) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::string type = {'t', 'y', 'p', 'e', ' ', '0', 'x', digits[t >> 4], digits[t & 15]};
  return in_.fail_at(in_.at() - 1, type + " has no place in a message (" + std::string(meaning_of(t)) + ")");
}

result<void> read_image(std::string_view image, std::size_t place, const framing_limits& limits,
                        value::array& packet, std::string* loss) {
  image_reader first(image, place, limits, loss, false);
  if (first.read_packet(packet)) return {};
  if (!first.lacks_table()) return first.failure();
  packet.clear();
  image_reader second(image, place, limits, loss, true);
  if (!second.read_packet(packet)) return second.failure();
  return {};
}

}  // namespace aemp::wire::storable
