// L4 by hand: a number round a ring of 100 tables.
#include <deque>

#include "bench/bare/machine.hpp"
#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  constexpr std::size_t size = 100;
  const long hops = bench::count_of(argc, argv, 2'000'000);
  constexpr std::uint64_t token = bare::hash("token");
  bare::machine machine;
  std::deque<bare::port> ring(size);
  struct hop {
    bare::machine* machine;
    bare::port* next;
    void operator()(long left) const {
      if (left > 0) machine->send(*next, token, left - 1);
    }
  };
  std::deque<hop> functions;
  for (std::size_t i = 0; i < size; ++i) {
    functions.push_back({&machine, &ring[(i + 1) % size]});
    bare::on<long>(ring[i], "token", functions.back());
  }

  bench::stopwatch watch;
  watch.start();
  machine.send(ring[0], token, hops);
  machine.run();
  watch.stop();
  watch.print_rate(hops);
}
