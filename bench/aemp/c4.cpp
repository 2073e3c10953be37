// C4: a child dies, and its supervisor starts it again, as often as asked for.
#include <stdexcept>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long restarts = bench::count_of(argc, argv, 200'000);
  bench::stopwatch watch;
  node me;
  long left = restarts;
  me.supervise(one_for_one, restart_limit(static_cast<unsigned>(restarts) + 1, std::chrono::hours(1)),
               child("c", [&] {
                 const port_id p = port("end", [] { kil(self(), "again"); });
                 if (left-- == 0) {
                   me.stop();
                 } else {
                   snd(p, "end");
                 }
                 return p;
               }));
  watch.start();
  me.run();
  watch.stop();
  watch.print_rate(restarts);
}
