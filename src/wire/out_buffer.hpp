// Outgoing bytes: a string with spare room at its end, so that a frame is written in place and not copied
// there. text() gives the plain string.
//
// Cost: room is filled with zeros once; besides, a few comparisons for each frame.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace aemp::wire {

class out_buffer {
 public:
  std::size_t size() const noexcept { return bytes_.size() - spare_; }
  bool empty() const noexcept { return size() == 0; }
  char* begin() noexcept { return bytes_.data(); }

  // Makes room for at least so many bytes, up to limit(). Write from there on, then tell ends_at() how far.
  char* room(std::size_t bytes) {
    if (spare_ < bytes) [[unlikely]]
      grow(bytes);
    return bytes_.data() + size();
  }
  const char* limit() const noexcept { return bytes_.data() + bytes_.size(); }
  void ends_at(const char* end) noexcept { spare_ = static_cast<std::size_t>(limit() - end); }

  // Exactly what has been written, to be read, appended to or emptied.
  std::string& text() {
    bytes_.resize(size());
    spare_ = 0;
    return bytes_;
  }
  out_buffer& operator+=(std::string_view more) {
    text() += more;
    return *this;
  }

 private:
  // Grows little for a lone frame, and never by more zeros at a time than the nearest cache holds.
  [[gnu::noinline]] void grow(std::size_t bytes) {
    constexpr std::size_t least = 192, most = 1024;
    const std::size_t end = size();
    bytes_.resize(end + bytes + std::clamp(end, least, most));
    spare_ = bytes_.size() - end;
  }

  std::string bytes_;
  std::size_t spare_ = 0;  // of its bytes, at its end
};

}  // namespace aemp::wire
