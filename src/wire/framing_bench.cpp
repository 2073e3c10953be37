// What it costs to encode and to decode a message ("ping", number, 16 bytes of text) in each framing. The
// items per second are messages. The decoder gets many at a time, as in a connection, and each message is
// dropped where a node would put it into its queue. With the arguments encode or decode, a framing and a
// number, the program handles that many lots of 256 messages and nothing else, for callgrind.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "wire/framing.hpp"

namespace aemp::wire {
namespace {

constexpr int packets_at_once = 256;
constexpr std::string_view port = "Xw3kPq91a.4f";
constexpr std::string_view sixteen_bytes = "0123456789abcdef";

struct counting_sink final : packet_sink {
  void packet(const destination&, message&&) override { ++packets; }
  std::int64_t packets = 0;
};

message as_snd_makes_it() { return message("ping", 123456, std::string(sixteen_bytes)); }

// Each call encodes a lot.
class encoding {
 public:
  encoding(std::string_view framing, message m) : encoder_(make_encoder(framing)), message_(std::move(m)) {}
  void operator()() {
    out_.text().clear();
    for (int i = 0; i < packets_at_once; ++i) encoder_->append(out_, port, message_);
    benchmark::DoNotOptimize(out_.begin());
  }
  const std::string& out() { return out_.text(); }

 private:
  std::unique_ptr<encoder> encoder_;
  message message_;
  out_buffer out_ = {};
};

// Each call decodes a lot; false when the decoder refuses it.
class decoding {
 public:
  explicit decoding(std::string_view framing) : decoder_(make_decoder(framing)) {
    encoding all(framing, as_snd_makes_it());
    all();
    in_ = all.out();
  }
  bool operator()() {
    const auto done = decoder_->decode(in_, sink_);
    return done && *done == in_.size();
  }
  std::int64_t packets() const { return sink_.packets; }

 private:
  std::unique_ptr<decoder> decoder_;
  std::string in_ = {};
  counting_sink sink_ = {};
};

void encode_each(benchmark::State& state, std::string_view framing, message m) {
  encoding some(framing, std::move(m));
  for (auto _ : state) some();
  state.SetItemsProcessed(state.iterations() * packets_at_once);
}

void encode(benchmark::State& state, std::string_view framing) {
  encode_each(state, framing, as_snd_makes_it());
}

// The message consists of values, like one that came from another node.
void encode_values(benchmark::State& state, std::string_view framing) {
  encode_each(state, framing, message::of({"ping", 123456, sixteen_bytes}));
}

void decode(benchmark::State& state, std::string_view framing) {
  decoding some(framing);
  for (auto _ : state) {
    if (!some()) state.SkipWithError("the decoder refused");
  }
  state.SetItemsProcessed(some.packets());
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

// Nothing but the lots is handled. The difference between two runs is what their messages cost.
int do_lots(std::string_view what, std::string_view framing, int lots) {
  if (what == "encode") {
    encoding some(framing, as_snd_makes_it());
    for (int i = 0; i < lots; ++i) some();
    return 0;
  }
  decoding some(framing);
  for (int i = 0; i < lots; ++i) {
    if (!some()) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace aemp::wire

int main(int argc, char** argv) {
  if (argc == 4 && aemp::wire::make_encoder(argv[2]) != nullptr)
    return aemp::wire::do_lots(argv[1], argv[2], std::atoi(argv[3]));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
