// Large values in framing "aemp1" (docs/protocol.md, "Large values"). A message gives only the sizes of its
// large elements; their bytes follow in parts, and when all have come, the message is complete. Text and
// bytes are received in place: with one copy, or none where the stream can read into that place. At most one
// message at a time is incomplete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/message.hpp>
#include <aemp/result.hpp>

#include "data/growing_blob.hpp"
#include "wire/framing.hpp"

namespace aemp::wire::native {

// The sender's side: appends the head of a part with so many bytes of large values, fewer than 2^32.
void append_part_head(std::string& out, std::size_t bytes);

// An element that comes in parts: its place in the message, how to read it (native_format.hpp), and its
// bytes.
struct partial_element {
  value* place;
  unsigned kind;
  detail::growing_blob bytes;
};

class unfinished_message {
 public:
  bool empty() const noexcept { return elements_.empty(); }
  // How many of its bytes are still to come.
  std::size_t missing() const noexcept { return missing_; }
  std::size_t held() const noexcept;
  const std::string& port() const noexcept { return port_; }

  // The message has null in the places of these elements. They become complete in the order of the list.
  void begin(std::string_view port, message m, std::vector<partial_element> elements);
  // Appends bytes, at most as many as are missing.
  void append(std::string_view bytes);
  // The alternative without a copy: where the next bytes belong, at most so many; then tell how many were put
  // there.
  std::span<char> place(std::size_t most);
  void placed(std::size_t bytes) noexcept;
  // Call it when nothing is missing; afterwards it is empty. Errors: malformed_packet, packet_too_deep.
  result<message> finish(const framing_limits& limits);

 private:
  detail::growing_blob& current() noexcept;

  std::string port_;
  message message_;
  std::vector<partial_element> elements_;
  std::size_t at_ = 0;
  std::size_t missing_ = 0;
};

}  // namespace aemp::wire::native
