// Framing "storable": each packet is its length as a BER integer, and then the array as an image of Perl's
// Storable module in network order (aemp-protocol C.10). Only for Perl nodes that are set up to speak nothing
// else: numbers and booleans lose their kind on the way.
//
// What is written is what Perl writes: integers of up to 32 bits as such; other integers, and real numbers
// that are not whole, as their digits; a boolean as "1" or ""; ASCII and bytes as byte strings, other text as
// UTF-8 text; a list or map inside the packet behind a reference.
//
// What is read: those types, and all others that Storable has in network order. ASCII becomes text, other
// byte strings become bytes, as in cbor. What a message cannot hold becomes the nearest kind:
//
// - the booleans of the JSON modules and of Storable, and references to the scalars 1 and 0: booleans
// - an object: its content; a reference to a scalar or to a reference: what it leads to
// - a regular expression, a version string: its text
// - code, an object that its class freezes, and a tied variable, unless it is tied to a list, map or scalar
//   like Tie::StdHash: null
// - something that lies in the message twice: a copy; inside of itself: null
//
// The first of these that is neither boolean nor copy causes a note (decoder::take_note). What no Perl writes
// for a message is refused, with its type in the error: numbers in a machine's own format, lists and maps
// without a reference to them, things of 2 GiB.
#pragma once

#include <string>
#include <utility>

#include "wire/framing.hpp"

namespace aemp::wire {

class storable_encoder final : public encoder {
 public:
  // A text and a list can have 2^32 - 1 bytes and elements, far beyond what any node accepts in one packet.
  void append(out_buffer& out, const destination& to, const message& m,
              large_values* large = nullptr) override;
};

// Always consumes all bytes. Keeps a packet that arrives in pieces as bytes until it is complete, and
// allocates no memory for more than has come.
class storable_decoder final : public decoder {
 public:
  explicit storable_decoder(const framing_limits& limits) : limits_(limits) {}

  result<std::size_t> decode(std::string_view in, packet_sink& sink) override;
  std::size_t held() const noexcept override { return image_.capacity(); }
  std::string take_note() override { return std::exchange(note_, {}); }

 private:
  void note(const std::string& loss);
  result<void> take_length(std::string_view& in);

  framing_limits limits_;
  std::size_t prefix_size_ = 0;  // bytes of the length that have come; zero between packets
  bool length_known_ = false;
  std::size_t image_size_ = 0;
  std::string image_;    // what has come of it, unless all of it came at once
  value::array packet_;  // empty between calls; kept for its memory
  std::string note_;
  bool has_noted_ = false;
};

}  // namespace aemp::wire
