// L1: a ball goes back and forth between two ports of one worker, with a tag, the sender's port and a number.
#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long messages = bench::count_of(argc, argv, 20'000'000);
  bench::stopwatch watch;
  node me;

  const port_id pinger = port(), ponger = port();
  rcv(ponger, "ping", [&](const port_id& from, long n) { snd(from, "pong", ponger, n - 2); });
  rcv(pinger, "pong", [&](const port_id& from, long n) {
    if (n <= 0) return me.stop();
    snd(from, "ping", pinger, n);
  });
  rcv(pinger, "begin", [&] {
    watch.start();
    snd(ponger, "ping", pinger, messages);
  });
  snd(pinger, "begin");
  me.run();
  watch.stop();
  watch.print_rate(messages);
}
