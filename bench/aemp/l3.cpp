// L3: as L2, with 100 producers that each send their part in one go.
#include <vector>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  constexpr long producers = 100;
  const long each = bench::count_of(argc, argv, 5'000'000) / producers;
  bench::stopwatch watch;
  node me;

  const port_id consumer = port("data", [&, seen = 0L](long) mutable {
    if (++seen == each * producers) me.stop();
  });
  std::vector<port_id> all;
  for (long i = 0; i < producers; ++i) {
    all.push_back(port("begin", [&] {
      for (long n = 0; n < each; ++n) snd(consumer, "data", n);
    }));
  }
  const port_id starter = port("begin", [&] {
    watch.start();
    for (const port_id& p : all) snd(p, "begin");
  });
  snd(starter, "begin");
  me.run();
  watch.stop();
  watch.print_rate(each * producers);
}
