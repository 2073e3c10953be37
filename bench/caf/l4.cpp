// L4 with CAF: a number round a ring of 100 actors. The ring is closed by a message, and opened again at the
// end, or the actors would keep each other alive.
#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

struct place {
  caf::actor next;
};

caf::behavior member(caf::stateful_actor<place>* self, const caf::actor& next) {
  self->state.next = next;
  return {[=](begin_atom, const caf::actor& other) { self->state.next = other; },
          [=](data_atom, long left) {
            // The number that is sent on at the end goes once round and ends everybody.
            self->send(self->state.next, data_atom::value, left - 1);
            if (left <= 0) self->quit();
          }};
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int size = 100;
  const long hops = count_of(argc, argv, 2'000'000);
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  {
    const caf::actor last = system.spawn(member, caf::actor());
    caf::actor first = last;
    for (int i = 1; i < size; ++i) first = system.spawn(member, first);
    caf::anon_send(last, begin_atom::value, first);
    watch.start();
    caf::anon_send(first, data_atom::value, hops);
  }
  system.await_all_actors_done();
  watch.stop();
  watch.print_rate(hops);
}
