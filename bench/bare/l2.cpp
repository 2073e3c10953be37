// L2 by hand: all messages are linked in one go, then all are dispatched.
#include "bench/bare/machine.hpp"
#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  const long messages = bench::count_of(argc, argv, 5'000'000);
  constexpr std::uint64_t data = bare::hash("data");
  bare::machine machine;
  bare::port consumer;
  long seen = 0;
  auto on_data = [&](long n) {
    if (n != seen++) std::abort();
  };
  bare::on<long>(consumer, "data", on_data);

  bench::stopwatch watch;
  watch.start();
  for (long n = 0; n < messages; ++n) machine.send(consumer, data, n);
  machine.run();
  watch.stop();
  watch.print_rate(seen);
}
