// L5m: what an idle port with one handler takes of the memory that is resident. The vector with the IDs was
// filled before, so it is not counted; every port gets a message at the end, to show that they are there.
#include <vector>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long ports = bench::count_of(argc, argv, 1'000'000);
  node me;

  std::vector<port_id> all(static_cast<std::size_t>(ports));
  double bytes = 0;
  long answers = 0;
  const port_id creator = port("begin", [&] {
    const double before = bench::resident_bytes();
    for (port_id& p : all) {
      p = port("hello", [&] {
        if (++answers == ports) me.stop();
      });
    }
    bytes = bench::resident_bytes() - before;
    for (const port_id& p : all) snd(p, "hello");
  });
  snd(creator, "begin");
  me.run();
  std::printf("{\"value\": %.1f}\n", bytes / static_cast<double>(ports));
}
