// L1 with CAF: a ball between two actors, with a tag, the sender's handle and a number.
#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

caf::behavior ponger(caf::event_based_actor* self) {
  return {[=](ping_atom, const caf::actor& from, long n) {
    self->send(from, pong_atom::value, self, n - 2);
    if (n <= 2) self->quit();
  }};
}

caf::behavior pinger(caf::event_based_actor* self, const caf::actor& other) {
  return {[=](begin_atom, long messages) { self->send(other, ping_atom::value, self, messages); },
          [=](pong_atom, const caf::actor& from, long n) {
            if (n <= 0) return self->quit();
            self->send(from, ping_atom::value, self, n);
          }};
}

}  // namespace

int main(int argc, char** argv) {
  const long messages = count_of(argc, argv, 2'000'000);
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  {
    const caf::actor p = system.spawn(pinger, system.spawn(ponger));
    watch.start();
    caf::anon_send(p, begin_atom::value, messages);
  }
  system.await_all_actors_done();
  watch.stop();
  watch.print_rate(messages);
}
