// R3: two nodes in two processes, one way: values of 1 MiB, each sent when little of the last one waits.
#include <functional>

#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr long size = 1 << 20;
  const long values = bench::count_of(argc, argv, 10'000);
  bench::partner other([&](auto say) {
    node me{bench::settings(argc, argv)};
    me.become_public("127.0.0.1:0");
    const port_id sink = port();
    rcv(sink, "begin", [&](const port_id& from) { snd(from, "begin"); });
    rcv(sink, "data", [&, seen = 0L](const port_id& from, const value& payload) mutable {
      if (payload.text().size() != size) std::abort();
      if (++seen == values) snd(from, "end");
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
  const value payload = value::bytes_of(std::string(size, 'x'));
  long sent = 0;
  const std::function<void()> flow = [&] {
    snd(sink, "data", sender, payload);
    if (++sent < values) when_drained(node_of(sink), flow);
  };
  rcv(sender, "begin", [&] {
    watch.start();
    flow();
  });
  rcv(sender, "end", [&] { me.stop(); });
  snd(sink, "begin", sender);
  me.run();
  watch.stop();
  watch.print_rate(values, size / 1e6);
}
