// C1m: what a port whose coroutine waits in a receive takes of the memory that is resident. The vector with the IDs was
// filled before, so it is not counted; every port gets its message at the end, to show that they wait.
#include <vector>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

namespace {

using namespace aemp;

// The port that is told of each answer.
port_id counter;

task<> waiter() {
  const int n = co_await receive<int>("add");
  snd(counter, "answer", n);
}

}  // namespace

int main(int argc, char** argv) {
  const long ports = bench::count_of(argc, argv, 1'000'000);
  node me;

  std::vector<port_id> all(static_cast<std::size_t>(ports));
  double bytes = 0;
  long answers = 0, made = 0;
  // A thousand at a time, as each begins to wait only when its turn comes.
  const port_id creator = port();
  counter = port("answer", [&](int) {
    if (++answers == ports) me.stop();
  });
  rcv(
      creator, "begin",
      [&] {
        const double before = bench::resident_bytes();
        for (int i = 0; i < 1000 && made < ports; ++i)
          all[static_cast<std::size_t>(made++)] = spawn(on_worker(0), waiter);
        snd(creator, "made", before);
      },
      "made",
      [&](double before) {
        bytes += bench::resident_bytes() - before;
        if (made < ports) return snd(creator, "begin");
        for (const port_id& p : all) snd(p, "add", 1);
      });
  snd(creator, "begin");
  me.run();
  std::printf("{\"value\": %.1f}\n", bytes / static_cast<double>(ports));
}
