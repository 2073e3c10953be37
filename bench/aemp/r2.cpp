// R2: two nodes in two processes, one way: a tag, a number and 16 bytes; the last message is acknowledged.
// The sender may be 64 Ki messages ahead, and gets leave for 16 Ki more at a time: a connection whose buffer
// is full ends, and there is nothing yet to ask whether it is (docs/roadmap.md, "Speed").
#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr long lot = 16384, lots_ahead = 4;
  const long messages = (bench::count_of(argc, argv, 10'000'000) + lot - 1) / lot * lot;
  bench::partner other([&](auto say) {
    node me{bench::settings(argc, argv)};
    me.become_public("127.0.0.1:0");
    const port_id sink = port();
    port_id sender;
    rcv(sink, "begin", [&](const port_id& from) {
      sender = from;
      snd(sender, "begin");
    });
    rcv(sink, "data", [&, seen = 0L](long n, const value& payload) mutable {
      if (n != seen++ || payload.text().size() != 16) std::abort();
      if (seen % lot == 0) snd(sender, "more", seen);
    });
    say(sink.str());
    me.run();
  });

  bench::stopwatch watch(other.process());
  node me{bench::connecting(argc, argv)};
  const port_id sink = bench::there(other.said()), sender = port();
  mon(sink, [](const message& reason) {
    std::fprintf(stderr, "lost: %s\n", reason.to_string().c_str());
    std::exit(1);
  });
  const value payload = value::bytes_of("sixteen bytes in");
  long sent = 0;
  const auto send_a_lot = [&] {
    for (const long end = std::min(sent + lot, messages); sent < end; ++sent)
      snd(sink, "data", sent, payload);
  };
  rcv(sender, "begin", [&] {
    watch.start();
    for (long i = 0; i < lots_ahead; ++i) send_a_lot();
  });
  rcv(sender, "more", [&](long seen) {
    if (seen == messages) return me.stop();
    send_a_lot();
  });
  snd(sink, "begin", sender);
  me.run();
  watch.stop();
  watch.print_rate(messages);
}
