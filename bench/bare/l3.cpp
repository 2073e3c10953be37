// L3 by hand: 100 producers, each of which links its part in one go when it is dispatched.
#include <deque>

#include "bench/bare/machine.hpp"
#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  constexpr long producers = 100;
  const long each = bench::count_of(argc, argv, 5'000'000) / producers;
  constexpr std::uint64_t data = bare::hash("data"), begin = bare::hash("begin");
  bare::machine machine;
  bare::port consumer;
  long seen = 0;
  auto on_data = [&](long) { ++seen; };
  bare::on<long>(consumer, "data", on_data);
  auto on_begin = [&] {
    for (long n = 0; n < each; ++n) machine.send(consumer, data, n);
  };
  std::deque<bare::port> all(producers);
  for (bare::port& p : all) bare::on<>(p, "begin", on_begin);

  bench::stopwatch watch;
  watch.start();
  for (bare::port& p : all) machine.send(p, begin);
  machine.run();
  watch.stop();
  watch.print_rate(seen);
}
