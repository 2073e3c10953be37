// Framing "json": each packet is one JSON array in UTF-8, with nothing between packets (aemp-protocol C.9).
// White space is accepted wherever JSON allows it. data/json.hpp says how values are written and read.
//
// After malformed JSON a real node silently stops understanding the connection; we close it. That includes
// the bare word inf, which Perl writes for an infinity: no reader of JSON accepts it, Perl's included.
#pragma once

#include "data/json.hpp"
#include "data/message_builder.hpp"
#include "wire/framing.hpp"
#include "wire/port_notes.hpp"

namespace aemp::wire {

class json_encoder final : public encoder {
 public:
  void append(out_buffer& out, const destination& to, const message& m,
              large_values* large = nullptr) override;
};

// Always consumes all bytes.
class json_decoder final : public decoder {
 public:
  explicit json_decoder(const framing_limits& limits)
      : limits_(limits), reader_(limits.max_depth, limits.max_weight) {}

  result<std::size_t> decode(std::string_view in, packet_sink& sink) override;
  std::size_t held() const noexcept override {
    return packet_size_ == 0 ? 0 : packet_size_ + reader_.weight();
  }

 private:
  framing_limits limits_;
  data::json_reader reader_;
  data::message_builder elements_;  // empty between packets
  port_notes notes_;
  std::size_t packet_size_ = 0;  // bytes so far of the packet that is arriving; zero between packets
};

}  // namespace aemp::wire
