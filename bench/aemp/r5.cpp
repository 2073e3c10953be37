// R5: R1's round trips between two nodes in two processes, while values of 1 MiB flow on the same connection,
// in the direction of the requests, as fast as they are taken.
#include <functional>

#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long rounds = bench::count_of(argc, argv, 5'000), warm_up = rounds / 10;
  bench::partner other([&](auto say) {
    node me{bench::settings(argc, argv)};
    me.become_public("127.0.0.1:0");
    const port_id sink = port("data", [](const value& payload) {
      if (payload.text().size() != 1 << 20) std::abort();
    });
    const port_id echo = port("ping", [](const port_id& from, long n) { snd(from, "pong", n); });
    say(sink.str() + " " + echo.str());
    me.run();
  });

  bench::stopwatch watch(other.process());
  bench::round_trips trips(rounds);
  node me{bench::connecting(argc, argv)};
  const std::size_t space = other.said().find(' ');
  const port_id sink = bench::there(other.said().substr(0, space)),
                echo = bench::there(other.said().substr(space + 1)), pinger = port();
  mon(echo, [](const message& reason) {
    std::fprintf(stderr, "lost: %s\n", reason.to_string().c_str());
    std::exit(1);
  });
  const value payload = value::bytes_of(std::string(1 << 20, 'x'));
  long values = 0;
  std::function<void()> flow = [&] {
    snd(sink, "data", payload);
    ++values;
    when_drained(node_of(sink), [&] { flow(); });
  };
  rcv(pinger, "pong", [&](long n) {
    if (n == 0) watch.start();
    if (n > 0) trips.end();
    if (n == rounds) return me.stop();
    trips.begin();
    snd(echo, "ping", pinger, n + 1);
  });
  flow();
  snd(echo, "ping", pinger, -warm_up);
  me.run();
  watch.stop();
  std::fprintf(stderr, "%ld values of 1 MiB meanwhile\n", values);
  watch.print_round_trips(trips.nanoseconds());
}
