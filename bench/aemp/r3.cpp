// R3: two nodes in two processes, one way: values of 1 MiB, of which at most 16 are on their way.
#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr long size = 1 << 20, ahead = 16;
  const long values = bench::count_of(argc, argv, 10'000);
  bench::partner other([&](auto say) {
    node me{bench::settings(argc, argv)};
    me.become_public("127.0.0.1:0");
    const port_id sink = port();
    rcv(sink, "begin", [&](const port_id& from) { snd(from, "begin"); });
    rcv(sink, "data", [&](const port_id& from, long n, const value& payload) {
      if (payload.text().size() != size) std::abort();
      snd(from, "seen", n);
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
  const auto send_one = [&] {
    if (sent < values) snd(sink, "data", sender, ++sent, payload);
  };
  rcv(sender, "begin", [&] {
    watch.start();
    for (long i = 0; i < ahead; ++i) send_one();
  });
  rcv(sender, "seen", [&](long n) {
    if (n == values) return me.stop();
    send_one();
  });
  snd(sink, "begin", sender);
  me.run();
  watch.stop();
  watch.print_rate(values, size / 1e6);
}
