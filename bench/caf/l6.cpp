// L6 with CAF: 1000 pairs play L1 at once. CAF puts actors where there is work to do, so pairs that stay and
// pairs that cross are the same program here.
#include <vector>

#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

caf::behavior ponger(caf::event_based_actor* self) {
  return {[=](ping_atom, const caf::actor& from, long n) {
    self->send(from, pong_atom::value, self, n - 1);
    if (n <= 1) self->quit();
  }};
}

caf::behavior pinger(caf::event_based_actor* self, const caf::actor& other) {
  return {[=](begin_atom, long rounds) { self->send(other, ping_atom::value, self, rounds); },
          [=](pong_atom, const caf::actor& from, long n) {
            if (n <= 0) return self->quit();
            self->send(from, ping_atom::value, self, n);
          }};
}

}  // namespace

int main(int argc, char** argv) {
  constexpr long pairs = 1000;
  const long rounds = count_of(argc, argv, 4'000'000) / pairs / 2;
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  {
    std::vector<caf::actor> all;
    for (long i = 0; i < pairs; ++i) all.push_back(system.spawn(pinger, system.spawn(ponger)));
    watch.start();
    for (const caf::actor& p : all) caf::anon_send(p, begin_atom::value, rounds);
  }
  system.await_all_actors_done();
  watch.stop();
  watch.print_rate(rounds * 2 * pairs);
}
