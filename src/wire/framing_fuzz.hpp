// What the fuzzers of the framings share. Whatever bytes come, the decoder must give the same packets or the
// same failure however they are cut, and what it understood must come out the same after being encoded and
// decoded again.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "wire/framing.hpp"

namespace aemp::wire {

inline void require(bool holds) {
  if (!holds) std::abort();
}

struct fuzz_sink final : packet_sink {
  void packet(const destination& to, message&& m) override {
    out_buffer packet;
    make_encoder(framing)->append(packet, to.name, m);
    encoded += packet.text();
    ++count;
  }
  std::string_view framing;
  std::string encoded;
  std::size_t count = 0;
};

struct fuzz_outcome {
  fuzz_sink sink;
  std::string failure;
};

inline fuzz_outcome fuzz_decode(std::string_view framing, std::string_view bytes, std::size_t slice) {
  constexpr framing_limits limits = {.max_packet = 4096, .max_weight = 1 << 20, .max_depth = 64};
  const auto d = make_decoder(framing, limits);
  fuzz_outcome seen;
  seen.sink.framing = framing;
  std::string kept;
  for (std::size_t at = 0; at < bytes.size(); at += slice) {
    kept += bytes.substr(at, slice);
    const auto done = d->decode(kept, seen.sink);
    if (!done) {
      seen.failure = done.error().name;
      return seen;
    }
    require(*done <= kept.size());
    kept.erase(0, *done);
    require(kept.size() <= limits.max_packet);
  }
  return seen;
}

inline void fuzz_framing(std::string_view framing, const std::uint8_t* data, std::size_t size) {
  if (size == 0) return;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const fuzz_outcome whole = fuzz_decode(framing, bytes, bytes.size() + 1);
  const fuzz_outcome sliced = fuzz_decode(framing, bytes, 1 + data[0] % 16);
  require(whole.sink.encoded == sliced.sink.encoded && whole.failure == sliced.failure);

  // Numbers may grow when they are written out, so the second time has no limits.
  fuzz_sink again;
  again.framing = framing;
  const auto done = make_decoder(framing)->decode(whole.sink.encoded, again);
  require(done && *done == whole.sink.encoded.size());
  require(again.count == whole.sink.count && again.encoded == whole.sink.encoded);
}

}  // namespace aemp::wire
