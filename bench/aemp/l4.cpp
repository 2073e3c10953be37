// L4: a number goes round a ring of 100 ports, one less at each hop.
#include <vector>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr int size = 100;
  const long hops = bench::count_of(argc, argv, 2'000'000);
  bench::stopwatch watch;
  node me;

  std::vector<port_id> ring;
  for (int i = 0; i < size; ++i) ring.push_back(port());
  for (int i = 0; i < size; ++i) {
    rcv(ring[i], "token", [&me, next = ring[(i + 1) % size]](long left) {
      if (left == 0) return me.stop();
      snd(next, "token", left - 1);
    });
  }
  rcv(ring[0], "begin", [&] {
    watch.start();
    snd(ring[0], "token", hops);
  });
  snd(ring[0], "begin");
  me.run();
  watch.stop();
  watch.print_rate(hops);
}
