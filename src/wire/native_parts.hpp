// Large values in framing "aemp1": a message says how large those of its elements are
// that come in parts behind it, the parts fill them, and then the message is complete (docs/protocol.md,
// "Large values"). Text and bytes are put where the finished value has them: with one copy, or none where the
// stream can read into that place. At most one message at a time is unfinished.
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

// The sender's side: what stands in front of so many bytes of large values, fewer than 2^32.
void append_part_head(std::string& out, std::size_t bytes);

// An element that comes in parts: where it belongs in its message, how it is to be read (native_format.hpp),
// and its bytes.
struct partial_element {
  value* place;
  unsigned kind;
  detail::growing_blob bytes;
};

class unfinished_message {
 public:
  bool empty() const noexcept { return elements_.empty(); }
  // How many bytes of it are still to come.
  std::size_t missing() const noexcept { return missing_; }
  std::size_t held() const noexcept;
  const std::string& port() const noexcept { return port_; }

  // With null in the places of those that come; all are complete in the order of the list.
  void begin(std::string_view port, message m, std::vector<partial_element> elements);
  // At most what is missing.
  void append(std::string_view bytes);
  // Or, where that many of them belong at most, without a copy, and how many are there by now.
  std::span<char> place(std::size_t most);
  void placed(std::size_t bytes) noexcept;
  // Once nothing is missing; afterwards it is empty. Errors: malformed_packet, packet_too_deep.
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
