// L2: one port sends all its messages in one go, another takes them; a tag and a number each, nothing holds
// the producer back.
#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long messages = bench::count_of(argc, argv, 5'000'000);
  bench::stopwatch watch;
  node me;

  const port_id consumer = port("data", [&, seen = 0L](long n) mutable {
    if (n != seen++) std::abort();
    if (seen == messages) me.stop();
  });
  const port_id producer = port("begin", [&] {
    watch.start();
    for (long n = 0; n < messages; ++n) snd(consumer, "data", n);
  });
  snd(producer, "begin");
  me.run();
  watch.stop();
  watch.print_rate(messages);
}
