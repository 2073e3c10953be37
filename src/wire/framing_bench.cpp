// What a message ("ping", number, 16 bytes of text) costs on its way into bytes and back, in each framing.
// The items per second are messages. Decoding gets them as a connection does, many at a time; each message is
// dropped where a node would put it into its queue.
#include <benchmark/benchmark.h>

#include <string>

#include "wire/framing.hpp"

namespace aemp::wire {
namespace {

constexpr int packets_at_once = 256;
constexpr std::string_view port = "Xw3kPq91a.4f";
constexpr std::string_view sixteen_bytes = "0123456789abcdef";

struct counting_sink final : packet_sink {
  void packet(const destination&, message) override { ++packets; }
  std::int64_t packets = 0;
};

void encode_each(benchmark::State& state, std::string_view framing, const message& m) {
  const auto e = make_encoder(framing);
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (int i = 0; i < packets_at_once; ++i) e->append(out, port, m);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * packets_at_once);
}

// As snd makes it.
void encode(benchmark::State& state, std::string_view framing) {
  encode_each(state, framing, message("ping", 123456, std::string(sixteen_bytes)));
}

// As it came from another node.
void encode_values(benchmark::State& state, std::string_view framing) {
  encode_each(state, framing, message::of({"ping", 123456, sixteen_bytes}));
}

void decode(benchmark::State& state, std::string_view framing) {
  std::string in;
  const auto e = make_encoder(framing);
  for (int i = 0; i < packets_at_once; ++i)
    e->append(in, port, message("ping", 123456, std::string(sixteen_bytes)));
  const auto d = make_decoder(framing);
  counting_sink sink;
  for (auto _ : state) {
    if (auto done = d->decode(in, sink); !done || *done != in.size())
      state.SkipWithError("the decoder refused");
  }
  state.SetItemsProcessed(sink.packets);
}

BENCHMARK_CAPTURE(encode, json, "json");
BENCHMARK_CAPTURE(encode, cbor, "cbor");
BENCHMARK_CAPTURE(encode, storable, "storable");
BENCHMARK_CAPTURE(encode, native, "aemp1");
BENCHMARK_CAPTURE(encode_values, json, "json");
BENCHMARK_CAPTURE(encode_values, cbor, "cbor");
BENCHMARK_CAPTURE(encode_values, storable, "storable");
BENCHMARK_CAPTURE(encode_values, native, "aemp1");
BENCHMARK_CAPTURE(decode, json, "json");
BENCHMARK_CAPTURE(decode, cbor, "cbor");
BENCHMARK_CAPTURE(decode, storable, "storable");
BENCHMARK_CAPTURE(decode, native, "aemp1");

}  // namespace
}  // namespace aemp::wire

BENCHMARK_MAIN();
