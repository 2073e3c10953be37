// Collects the small pieces of a text and appends them to a string in one go. A piece costs a comparison and
// a copy here, and several times as much in std::string. One owner, on the stack.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "data/eight.hpp"

namespace aemp::data {

class appender {
 public:
  explicit appender(std::string& out) : out_(out) {}
  appender(const appender&) = delete;
  appender& operator=(const appender&) = delete;

  static constexpr std::size_t most_room = 64;

  // Returns room for up to most_room bytes; took() says how many were written.
  [[gnu::always_inline]] char* room() {
    if (at_ > buffer_.size() - most_room) [[unlikely]]
      flush();
    return buffer_.data() + at_;
  }
  void took(std::size_t size) { at_ += size; }

  [[gnu::always_inline]] void put(char c) {
    if (at_ == buffer_.size()) [[unlikely]]
      flush();
    buffer_[at_++] = c;
  }
  void put(std::string_view text) {
    if (text.size() > buffer_.size() - at_) return put_long(text);
    if (text.size() <= short_text) {
      copy_short(buffer_.data() + at_, text, [](std::uint64_t) { return std::uint64_t{0}; });
    } else {
      text.copy(buffer_.data() + at_, text.size());
    }
    took(text.size());
  }

  // Completes the string. The last call.
  void flush() {
    out_.append(buffer_.data(), at_);
    at_ = 0;
  }

 private:
  static constexpr std::size_t short_text = 32;

  void put_long(std::string_view text) {
    flush();
    out_.append(text);
  }

  std::string& out_;
  std::size_t at_ = 0;
  std::array<char, 512> buffer_;
};

}  // namespace aemp::data
