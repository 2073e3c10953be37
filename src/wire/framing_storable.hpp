// Framing "storable": each packet is its length as a BER integer and then that many bytes of an image of
// Perl's Storable module, in network order, of the array (aemp-protocol C.10). Only for Perl nodes that are
// set up to speak nothing else: numbers and booleans lose their kind on the way.
//
// What is written is what Perl writes: integers of up to 32 bits as such; other integers, and real numbers
// that are not whole, as their digits; a boolean as "1" or ""; ASCII and bytes as byte strings, other text as
// UTF-8 text; a list or map inside the packet behind a reference.
//
// What is read: those types, and three more of Storable's that real messages contain: the undefined place of
// an array, its constants for true and false, and maps with flags, which is how keys that are no ASCII
// travel. ASCII becomes text, other byte strings become bytes, as in cbor. Everything else in the repertoire
// of Storable is refused with its type in the error: objects, code, references to anything but a list or map,
// numbers in a machine's own format. That includes a list or map that lies in the message twice, which
// Storable sends once: then the connection is lost, and the Perl side has to copy it or use json.
#pragma once

#include <string>

#include "wire/framing.hpp"

namespace aemp::wire {

class storable_encoder final : public encoder {
 public:
  // A text and a list can have 2^32 - 1 bytes and elements, far beyond what any node takes in one packet.
  void append(out_buffer& out, const destination& to, const message& m,
              large_values* large = nullptr) override;
};

// Always consumes all bytes. A packet that arrives in pieces is kept as bytes until it is complete, and no
// memory is taken for more than has come.
class storable_decoder final : public decoder {
 public:
  explicit storable_decoder(const framing_limits& limits) : limits_(limits) {}

  result<std::size_t> decode(std::string_view in, packet_sink& sink) override;
  std::size_t held() const noexcept override { return image_.capacity(); }

 private:
  result<void> take_length(std::string_view& in);

  framing_limits limits_;
  std::size_t prefix_size_ = 0;  // bytes of the length that have come; zero between packets
  bool length_known_ = false;
  std::size_t image_size_ = 0;
  std::string image_;    // what has come of it, unless all of it came at once
  value::array packet_;  // empty between calls; kept for its memory
};

}  // namespace aemp::wire
