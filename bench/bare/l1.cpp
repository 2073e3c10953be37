// L1 by hand: a ball between two tables, with a tag, the sender's address and a number.
#include "bench/bare/machine.hpp"
#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  const long messages = bench::count_of(argc, argv, 20'000'000);
  constexpr std::uint64_t ping = bare::hash("ping"), pong = bare::hash("pong");
  bare::machine machine;
  bare::port pinger, ponger;
  auto on_ping = [&](bare::port* from, long n) { machine.send(*from, pong, &ponger, n - 2); };
  auto on_pong = [&](bare::port* from, long n) {
    if (n > 0) machine.send(*from, ping, &pinger, n);
  };
  bare::on<bare::port*, long>(ponger, "ping", on_ping);
  bare::on<bare::port*, long>(pinger, "pong", on_pong);

  bench::stopwatch watch;
  watch.start();
  machine.send(ponger, ping, &pinger, messages);
  machine.run();
  watch.stop();
  watch.print_rate(messages);
}
