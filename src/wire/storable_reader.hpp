// Reads one image of Storable into a packet. storable_image.cpp reads what messages are made of,
// storable_objects.cpp objects and the like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/value.hpp>

#include "wire/framing.hpp"
#include "wire/storable_cursor.hpp"
#include "wire/storable_image.hpp"

namespace aemp::wire::storable {

inline bool is_string(std::uint8_t t) {
  return t == short_bytes || t == long_bytes || t == short_text || t == long_text;
}
inline bool is_class(std::uint8_t t) { return t == of_class || t == of_known_class; }
inline bool is_version(std::uint8_t t) { return t == short_version || t == long_version; }
inline bool is_container(const value& v) {
  return v.type() == value::kind::array || v.type() == value::kind::map;
}

// After a failure every function returns false.
class image_reader {
 public:
  // before: bytes of the packet before the image. loss: see read_image. has_table: repeated things can be
  // read.
  image_reader(std::string_view image, std::size_t before, const framing_limits& limits, std::string* loss,
               bool has_table)
      : in_(image, before), limits_(limits), weight_(limits.max_weight), loss_(loss), has_table_(has_table) {}

  bool read_packet(value::array& packet);
  [[nodiscard]] const error& failure() const { return in_.failure(); }
  // It failed because something is repeated.
  [[nodiscard]] bool lacks_table() const { return lacks_table_; }

 private:
  // Where a value was found. Lists and maps must be behind references.
  enum class found_in { container, reference };
  // What was read, as far as a reference to it needs to know.
  enum class sort { scalar, container, reference, other };
  // Something that has a number.
  struct numbered {
    value content = {};
    image_reader::sort sort = sort::other;
    bool is_complete = false;  // false inside of it: a cycle ends there
  };

  // In all of these, depth is that of the enclosing list, map or reference.
  bool read_value(value& out, std::size_t depth, found_in where);
  bool read_content(value& out, std::uint8_t t, std::size_t depth, found_in where);
  bool read_scalar(value& out, std::uint8_t t);
  bool read_string(value& out, std::uint8_t t);
  bool read_reference(value& out, std::size_t depth);
  bool read_container(value& out, std::uint8_t t, std::size_t depth);
  bool read_list(value::array& out, std::size_t depth);
  bool read_map(value::map& out, std::size_t depth, bool has_flags);
  bool read_entry(value::map& out, std::size_t depth, bool has_flags);
  bool read_repeated(value& out, std::size_t depth, found_in where);

  bool read_object(value& out, std::uint8_t t, std::size_t depth, found_in where);
  bool read_class(std::string_view& name);
  bool read_known_class(std::string_view& name);
  bool known_class(std::string_view& name, std::uint32_t number);
  bool read_frozen(std::size_t depth);
  bool read_tied(value& out, std::uint8_t t, std::size_t depth);
  bool read_code(std::size_t depth);
  bool read_version(value& out, std::uint8_t t, std::size_t depth);
  bool read_regexp(value& out);
  // Reads what belongs to something that is no value.
  bool read_hidden(value& out, std::size_t depth);
  bool skip_value(std::size_t depth) {
    value skipped;
    return read_hidden(skipped, depth);
  }

  bool enter(std::size_t depth) {
    return depth <= limits_.max_depth ||
           in_.fail_at(in_.at(), "lists, maps and references are nested too deeply", "packet_too_deep");
  }
  bool charge(bool fits) { return fits || in_.fail(packet_too_heavy(limits_.max_weight)); }
  // For what takes a place in the tables, but none in a list or map.
  bool charge_element() { return charge(weight_.take(value_weight::element)); }
  bool refuse(std::uint8_t t);
  // Keeps the first loss: the words, one after the other.
  void lose(std::initializer_list<std::string_view> words);

  cursor in_;
  const framing_limits& limits_;
  weight_left weight_;
  std::string* loss_;  // null when nobody wants to know
  bool has_table_;
  bool lacks_table_ = false;
  std::vector<numbered> table_;  // by number
  std::vector<std::string_view> classes_;
  sort sort_ = sort::scalar;  // of what was read last
};

}  // namespace aemp::wire::storable
