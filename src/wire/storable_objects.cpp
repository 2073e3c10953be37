// What no message can hold: objects, tied variables, code. Their bytes have to be parsed all the same, to
// find what follows them.
#include <algorithm>
#include <array>
#include <utility>

#include "data/utf8.hpp"
#include "wire/storable_image.hpp"
#include "wire/storable_reader.hpp"

namespace aemp::wire::storable {
namespace {

// Flags of frozen_by_class.
constexpr std::uint8_t kind_of_body = 0x03;
constexpr std::uint8_t body_is_tied = 0x03;
constexpr std::uint8_t class_is_long = 0x04;
constexpr std::uint8_t text_is_long = 0x08;
constexpr std::uint8_t numbers_are_long = 0x10;
constexpr std::uint8_t class_is_known = 0x20;
constexpr std::uint8_t another_thing_first = 0x40;
constexpr std::uint8_t has_numbers = 0x80;

// A flag of the length of a class's name, or of its number.
constexpr std::uint8_t four_bytes_follow = 0x80;
// A flag of regexp.
constexpr std::uint8_t pattern_is_long = 0x01;

bool is_class_of_booleans(std::string_view name) {
  constexpr std::array<std::string_view, 3> all = {"JSON::PP::Boolean", "Types::Serialiser::Boolean",
                                                   "JSON::XS::Boolean"};
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::string_view readable(std::string_view name) { return name.substr(0, 64); }

}  // namespace

// A scalar of a class may be an element itself. A list or map of one is behind a reference like any other.
bool image_reader::read_object(value& out, std::uint8_t t, std::size_t depth, found_in where) {
  std::string_view name;
  if (!(t == of_class ? read_class(name) : read_known_class(name)) || !charge_element()) return false;
  const bool again = is_class(in_.next());
  if (again && !enter(depth + 1)) return false;
  if (!read_value(out, again ? depth + 1 : depth, where)) return false;
  if (sort_ == sort::scalar && is_class_of_booleans(name)) {
    out = value(out.to<bool>().value_or(!out.is_null()));
  } else {
    lose({"an object of class ", readable(name), ", which arrives as its content"});
  }
  sort_ = sort::other;
  return true;
}

bool image_reader::read_class(std::string_view& name) {
  std::uint32_t size = 0;
  if (!in_.read_size(size, false)) return false;
  if ((size & four_bytes_follow) != 0 && !in_.read_32(size)) return false;
  if (!in_.read_raw(name, size)) return false;
  classes_.push_back(name);
  return true;
}

bool image_reader::read_known_class(std::string_view& name) {
  std::uint32_t number = 0;
  if (!in_.read_size(number, false)) return false;
  if ((number & four_bytes_follow) != 0 && !in_.read_32(number)) return false;
  return known_class(name, number);
}

bool image_reader::known_class(std::string_view& name, std::uint32_t number) {
  if (number >= classes_.size())
    return in_.fail_at(in_.at(), "class number " + std::to_string(number) + ", which has not come before");
  name = classes_[number];
  return true;
}

// Only the class understands what it made of the object, and what else the object refers to.
bool image_reader::read_frozen(std::size_t depth) {
  std::uint8_t flags = 0, tie = 0;
  if (!in_.read_byte(flags)) return false;
  const bool is_tied = (flags & kind_of_body) == body_is_tied;
  if (is_tied && !in_.read_byte(tie)) return false;
  while ((flags & another_thing_first) != 0) {
    if (!skip_value(depth) || !in_.read_byte(flags)) return false;
  }
  std::uint32_t size = 0, numbers = 0;
  std::string_view name, skipped;
  if (!in_.read_size(size, (flags & class_is_long) != 0)) return false;
  if ((flags & class_is_known) != 0) {
    if (!known_class(name, size)) return false;
  } else {
    if (!in_.read_raw(name, size)) return false;
    classes_.push_back(name);
  }
  if (!in_.read_size(size, (flags & text_is_long) != 0) || !in_.read_raw(skipped, size)) return false;
  if ((flags & has_numbers) != 0) {
    constexpr std::size_t bytes_each = 4;
    if (!in_.read_count(numbers, bytes_each, (flags & numbers_are_long) != 0) ||
        !in_.read_raw(skipped, numbers * bytes_each)) {
      return false;
    }
  }
  if (is_tied && !skip_value(depth)) return false;
  lose({"an object of class ", readable(name),
        ", which freezes itself (STORABLE_freeze) and arrives as null"});
  sort_ = sort::other;
  return true;
}

// The content of a Tie::StdHash, StdArray or StdScalar is the object. If the object is of another kind than
// the variable, only its class understands its content.
bool image_reader::read_tied(value& out, std::uint8_t t, std::size_t depth) {
  value inside;
  std::string_view index;
  if (!read_hidden(inside, depth)) return false;
  if (t == tied_map_entry && !skip_value(depth)) return false;
  if (t == tied_list_element && !in_.read_raw(index, 4)) return false;
  const bool has_content = (t == tied_list && inside.type() == value::kind::array) ||
                           (t == tied_map && inside.type() == value::kind::map) ||
                           (t == tied_scalar && !is_container(inside) && !inside.is_null());
  if (has_content) out = std::move(inside);
  lose({"a tied variable, which arrives as ", has_content ? "what it is tied to" : "null"});
  sort_ = sort::other;
  return true;
}

bool image_reader::read_code(std::size_t depth) {
  if (!is_string(in_.next())) return in_.fail_at(in_.at(), "code that is no text");
  if (!skip_value(depth)) return false;
  lose({"code, which arrives as null"});
  sort_ = sort::other;
  return true;
}

// The text as it was written, "v1.2.3", precedes the string that Perl makes of it: the characters 1, 2, 3.
bool image_reader::read_version(value& out, std::uint8_t t, std::size_t depth) {
  value characters, text;
  if (!read_string(text, t == long_version ? long_bytes : short_bytes)) return false;
  if (!is_string(in_.next())) return in_.fail_at(in_.at(), "a version string without its characters");
  if (!read_value(characters, depth, found_in::container)) return false;
  out = std::move(text);
  lose({"a version string, which arrives as its text"});
  sort_ = sort::other;
  return true;
}

// The text is what Perl shows: (?^i:a.c).
bool image_reader::read_regexp(value& out) {
  std::uint8_t kind = 0;
  std::uint32_t size = 0, modifiers_size = 0;
  std::string_view pattern, modifiers;
  if (!in_.read_byte(kind) || !in_.read_size(size, (kind & pattern_is_long) != 0) ||
      !in_.read_raw(pattern, size) || !in_.read_size(modifiers_size, false) ||
      !in_.read_raw(modifiers, modifiers_size)) {
    return false;
  }
  std::string all = "(?^";
  all.append(modifiers).append(":").append(pattern).append(")");
  out = data::is_utf8(all) ? value(all) : value::bytes_of(all);
  lose({"a regular expression, which arrives as its text"});
  sort_ = sort::other;
  return true;
}

bool image_reader::read_hidden(value& out, std::size_t depth) {
  if (!enter(depth + 1) || !charge_element()) return false;
  std::string* const loss = std::exchange(loss_, nullptr);
  const bool done = read_value(out, depth + 1, found_in::reference);
  loss_ = loss;
  return done;
}

void image_reader::lose(std::initializer_list<std::string_view> words) {
  if (loss_ == nullptr || !loss_->empty()) return;
  for (const std::string_view word : words) loss_->append(word);
}

}  // namespace aemp::wire::storable
