// C3 with CAF: request and reply between two typed actors, one after the other.
#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

using add_atom = caf::atom_constant<caf::atom("add")>;
using adder = caf::typed_actor<caf::replies_to<add_atom, long, long>::with<long>>;

adder::behavior_type add(adder::pointer) {
  return {[](add_atom, long a, long b) { return a + b; }};
}

void ask(caf::event_based_actor* self, const adder& to, long left) {
  if (left == 0) return self->quit();
  self->request(to, caf::infinite, add_atom::value, left, 1L).then([=](long) { ask(self, to, left - 1); });
}

caf::behavior client(caf::event_based_actor* self, const adder& to) {
  return {[=](begin_atom, long requests) { ask(self, to, requests); }};
}

}  // namespace

int main(int argc, char** argv) {
  const long requests = count_of(argc, argv, 1'000'000);
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  {
    const caf::actor c = system.spawn(client, system.spawn(add));
    watch.start();
    caf::anon_send(c, begin_atom::value, requests);
  }
  system.await_all_actors_done();
  watch.stop();
  watch.print_rate(requests);
}
