// Takes one complete frame of framing "aemp1" apart. What it learns of names and numbers stays in the
// decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/framing_native.hpp"

namespace aemp::wire {

class native_reader {
 public:
  enum class outcome : std::uint8_t { message, skip, failure };

  // The frame without its length.
  native_reader(std::string_view frame, native_decoder& decoder)
      : start_(frame.data()), at_(start_), end_(start_ + frame.size()), decoder_(decoder) {}

  // The destination is valid until the next frame is read and while this frame is in memory.
  outcome read(destination& to, aemp::message& m);

  // After a failure.
  [[nodiscard]] error why() const;

 private:
  bool read_port(destination& to);
  bool read_new_port(destination& to, std::uint64_t number);
  bool read_message(aemp::message& m);
  bool read_byte(unsigned& b);
  bool read_varint(std::uint64_t& n);
  bool read_more_of_varint(std::uint64_t& n);
  bool read_bytes(std::string_view& out, std::uint64_t size);
  bool read_sized(std::string_view& out);
  bool read_name(std::string_view& name);
  bool read_integer(std::int64_t& n, std::size_t size);

  // Puts the element where it belongs: put takes what a value is made of.
  template <class Put>
  bool read_element(Put put, std::size_t depth);
  template <class Put>
  bool read_text(Put& put, std::uint64_t size);
  template <class Put>
  bool read_rare(Put& put, unsigned first, std::size_t depth);
  const value* read_named(unsigned first);
  const value* known_text(std::uint64_t n);
  const value* known_port(std::uint64_t n);
  bool define_text(std::uint64_t& n);
  bool define_port(std::uint64_t& n);
  bool read_list(value& out, std::uint64_t count, std::size_t depth);
  bool read_map(value& out, std::uint64_t count, std::size_t depth);
  bool enter(std::uint64_t count, std::size_t depth);

  bool fail(std::string_view what, std::string_view name = "malformed_packet");

  const char* start_;
  const char* at_;
  const char* end_;
  native_decoder& decoder_;
  std::string_view name_;
  std::string_view what_;
};

}  // namespace aemp::wire
