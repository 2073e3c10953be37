// Takes complete frames of framing "aemp1" apart, one after the other. The names and numbers that it learns
// stay in the decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/framing_native.hpp"

namespace aemp::wire {

class native_reader {
 public:
  enum class outcome : std::uint8_t { message, part, skip, failure };

  explicit native_reader(native_decoder& decoder) : decoder_(decoder) {}

  // Reads a frame, given without its length. The destination is valid until the next frame is read and while
  // this frame is in memory. For a part, its name becomes the bytes.
  outcome read(std::string_view frame, destination& to, aemp::message& m);
  // For an element that is the whole "frame". `out` is null before.
  bool read_alone(std::string_view frame, value& out);

  // After a failure.
  [[nodiscard]] error why() const;

 private:
  // A position in the frame. Every step takes and returns it, so that it stays in a register. Null is a
  // failure.
  using place = const char*;
  struct number {
    place behind;
    std::uint64_t n;
  };
  struct piece {
    place behind;
    std::string_view bytes;
  };

  number read_varint(place at);
  number read_long_varint(place at);
  number read_integer(place at, std::size_t size);
  piece read_bytes(place at, std::uint64_t size);
  piece read_sized(place at);
  piece read_name(place at);

  place read_port(place at, destination& to);
  place read_new_port(place at, destination& to, std::uint64_t number);
  place read_message(place at, aemp::message& m);

  // Constructs the element at `out`, where there is a null value or nothing yet.
  place read_element(place at, value* out, std::size_t depth);
  place read_text(place at, value* out, std::uint64_t size);
  place read_other(place at, value* out, unsigned first, std::size_t depth);
  place read_list(place at, value* out, std::uint64_t count, std::size_t depth);
  place read_map(place at, value* out, std::uint64_t count, std::size_t depth);
  bool enter(place at, std::uint64_t count, std::size_t depth);

  const native_decoder::text* known_text(place at, std::uint64_t n);
  place copy_text(place at, value* out, std::uint64_t n);
  place copy_port(place at, value* out, std::uint64_t n);
  place read_new_text(place at, value* out);
  place read_new_id(place at, value* out);
  place read_announcement(place at, value* out, unsigned kind, std::uint64_t size, std::size_t depth);

  bool charge(place at, bool fits);
  place fail(place at, std::string_view what, std::string_view name = "malformed_packet");

  place begin(std::string_view frame) {
    start_ = frame.data();
    end_ = start_ + frame.size();
    announced_ = 0;
    weight_ = weight_left(decoder_.limits_.max_weight);
    return start_;
  }

  place start_ = nullptr;
  place end_ = nullptr;
  native_decoder& decoder_;
  place failed_at_ = nullptr;
  std::size_t announced_ = 0;  // bytes that come later, and the price for each
  weight_left weight_{0};
  bool is_alone_ = false;
  std::string_view name_;
  std::string_view what_;
};

}  // namespace aemp::wire
