// A position in a Storable image: reads bytes and counts, and keeps the first failure. Do not read on after a
// failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <aemp/result.hpp>

namespace aemp::wire::storable {

class cursor {
 public:
  // before: bytes of the packet before the image, for the positions in errors.
  cursor(std::string_view image, std::size_t before) : image_(image), before_(before) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool is_at_end() const { return at_ == image_.size(); }
  // The type that comes next. At the end, a type that does not exist.
  [[nodiscard]] std::uint8_t next() const {
    return is_at_end() ? 0xff : static_cast<std::uint8_t>(image_[at_]);
  }
  [[nodiscard]] const error& failure() const { return failure_; }

  bool read_byte(std::uint8_t& out) {
    std::string_view s;
    if (!read_raw(s, 1)) return false;
    out = static_cast<std::uint8_t>(s[0]);
    return true;
  }

  bool read_32(std::uint32_t& out) {
    std::string_view s;
    if (!read_raw(s, 4)) return false;
    out = 0;
    for (const char c : s) out = out << 8 | static_cast<unsigned char>(c);
    return true;
  }

  // Reads a number of four bytes or of one.
  bool read_size(std::uint32_t& out, bool is_long) {
    if (is_long) return read_32(out);
    std::uint8_t n = 0;
    if (!read_byte(n)) return false;
    out = n;
    return true;
  }

  // Reads the count of things that take at least so many bytes each.
  bool read_count(std::uint32_t& out, std::size_t bytes_each, bool is_long = true) {
    if (!read_size(out, is_long)) return false;
    return out <= (image_.size() - at_) / bytes_each ||
           fail_at(at_ - (is_long ? 4 : 1), "a count of " + std::to_string(out) + ", more than can follow");
  }

  bool read_raw(std::string_view& out, std::size_t size) {
    if (size > image_.size() - at_) return fail_at(image_.size(), "the image ends too early");
    out = image_.substr(at_, size);
    at_ += size;
    return true;
  }

  // Always returns false.
  bool fail(error why) {
    failure_ = std::move(why);
    return false;
  }
  bool fail_at(std::size_t place, std::string_view what, std::string_view name = "malformed_packet") {
    return fail({std::string(name), "Storable: " + std::string(what) + ", at byte " +
                                        std::to_string(before_ + place) + " of a packet"});
  }

 private:
  std::string_view image_;
  std::size_t at_ = 0;
  std::size_t before_;
  error failure_;
};

}  // namespace aemp::wire::storable
