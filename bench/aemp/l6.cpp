// L6: 1000 pairs of ports play L1 at once. Arguments: messages of all pairs together, workers, and "crossing"
// if the two ports of a pair are to live on different workers. spawn puts ports on the workers in turn.
#include <atomic>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr long pairs = 1000;
  const long rounds = bench::count_of(argc, argv, 20'000'000) / pairs / 2;
  const unsigned workers = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 2;
  const bool crossing = bench::has_argument(argc, argv, "crossing");
  bench::stopwatch watch;
  std::atomic<long> playing = pairs;
  node me{{.workers = workers}};

  const auto become_ponger = [] {
    rcv(self(), "ping", [](const port_id& from, long n) { snd(from, "pong", self(), n - 1); });
  };
  const auto become_pinger = [&me, &playing, become_ponger](const port_id& other) {
    port_id ponger = other;
    if (!ponger) {
      ponger = port();
      peval(ponger, become_ponger);
    }
    rcv(self(), "pong", [&](const port_id& from, long n) {
      if (n > 0) return snd(from, "ping", self(), n);
      if (--playing == 0) me.stop();
    });
    rcv(self(), "begin", [ponger](long n) { snd(ponger, "ping", self(), n); });
  };

  std::vector<port_id> pingers;
  for (long i = 0; i < pairs; ++i) {
    const port_id ponger = crossing ? spawn(become_ponger) : port_id();
    pingers.push_back(spawn(become_pinger, ponger));
  }
  watch.start();
  for (const port_id& p : pingers) snd(p, "begin", rounds);
  me.run();
  watch.stop();
  watch.print_rate(rounds * 2 * pairs);
}
