// R1: two nodes in two processes, one message in flight: a tag, a port and a number there and back.
#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long rounds = bench::count_of(argc, argv, 50'000), warm_up = rounds / 10;
  bench::partner other([&](auto say) {
    node me{bench::settings(argc, argv)};
    me.become_public("127.0.0.1:0");
    say(port("ping", [](const port_id& from, long n) { snd(from, "pong", n); }).str());
    me.run();
  });

  bench::stopwatch watch(other.process());
  bench::round_trips trips(rounds);
  node me{bench::connecting(argc, argv)};
  const port_id echo = bench::there(other.said()), pinger = port();
  mon(echo, [](const message& reason) {
    std::fprintf(stderr, "lost: %s\n", reason.to_string().c_str());
    std::exit(1);
  });
  rcv(pinger, "pong", [&](long n) {
    if (n == 0) watch.start();
    if (n > 0) trips.end();
    if (n == rounds) return me.stop();
    trips.begin();
    snd(echo, "ping", pinger, n + 1);
  });
  snd(echo, "ping", pinger, -warm_up);
  me.run();
  watch.stop();
  watch.print_round_trips(trips.nanoseconds());
}
