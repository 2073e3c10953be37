// Framing "aemp1": between nodes of this library, the cheapest to write and to read (docs/protocol.md,
// "Framing aemp1"). Each message is a frame with its length in front. Repeated names of ports, tags and port
// IDs are sent as numbers, which both sides of a connection learn as they go. So an encoder and a decoder
// belong to one connection, and every encoded frame must be sent, in order.
//
// What is written: integers in as many bytes as they need; text that is not UTF-8 as bytes; everything else
// as its own kind. So the values of a message keep their kinds, port IDs included.
//
// What is read: see there. Errors: text that is not UTF-8, a number without a name, a port ID that cannot be
// one, and everything that is not as long as it says. Frames of an unknown odd type are skipped.
#pragma once

#include <string>
#include <vector>

#include "wire/framing.hpp"
#include "wire/native_numbers.hpp"
#include "wire/native_parts.hpp"

namespace aemp::wire {

class native_reader;

class native_encoder final : public encoder {
 public:
  // A message can have 2^32 - 1 bytes, far beyond what any node accepts in one packet.
  void append(out_buffer& out, const destination& to, const message& m,
              large_values* large = nullptr) override;
  bool has_parts() const noexcept override { return true; }

 private:
  native::numbering<std::string> ports_;
  native::numbering<std::string> tags_;
  native::numbering<port_id> ids_;
};

// Always consumes all bytes. Reads a whole frame where it lies. Keeps a frame that arrives in pieces as bytes
// until it is complete, and allocates no memory for more than has come. Parts of large values are taken as
// they come (native_parts.hpp).
//
// Errors besides those of every decoder: unknown_frame, for a frame that may not be skipped.
class native_decoder final : public decoder {
 public:
  explicit native_decoder(const framing_limits& limits) : limits_(limits) {}

  result<std::size_t> decode(std::string_view in, packet_sink& sink) override;
  std::span<char> place() override;
  result<void> placed(std::size_t bytes, packet_sink& sink) override;
  std::size_t held() const noexcept override { return begun_.capacity() + unfinished_.held(); }

 private:
  friend class native_reader;

  struct port {
    std::string name;
    std::uint64_t note = 0;  // the sink's
  };
  struct text {
    value what;
    std::uint64_t key;  // of that text as a tag
  };

  [[nodiscard]] result<std::size_t> frame_size(std::string_view begun) const;
  bool take_whole_frames(std::string_view& in, packet_sink& sink);
  bool take_frame(native_reader& reader, std::string_view frame, packet_sink& sink);
  bool begin_unfinished(std::string_view port, message m, packet_sink& sink);
  bool begin_part(std::size_t size);
  bool take_part(std::string_view bytes, packet_sink& sink);
  bool finish_if_complete(packet_sink& sink);

  framing_limits limits_;
  error failure_;
  std::string begun_;  // the beginning of a frame that was cut; empty between frames
  native::numbered<port> ports_;
  native::numbered<text> texts_;
  native::numbered<value> ids_;
  std::vector<native::partial_element> announced_;  // by the frame that is being read
  native::unfinished_message unfinished_;
  std::size_t part_left_ = 0;  // bytes that belong to the part that has begun
};

}  // namespace aemp::wire
