// R2: two nodes in two processes, one way: a tag, a number and 16 bytes; the last message is acknowledged.
// They are sent in lots, each when little of the last one waits.
#include <functional>

#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr long lot = 16384;
  const long messages = bench::count_of(argc, argv, 10'000'000);
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
      if (seen == messages) snd(sender, "end");
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
  const std::function<void()> flow = [&] {
    for (const long end = std::min(sent + lot, messages); sent < end; ++sent)
      snd(sink, "data", sent, payload);
    if (sent < messages) when_drained(node_of(sink), flow);
  };
  rcv(sender, "begin", [&] {
    watch.start();
    flow();
  });
  rcv(sender, "end", [&] { me.stop(); });
  snd(sink, "begin", sender);
  me.run();
  watch.stop();
  watch.print_rate(messages);
}
