// L5 with CAF: an actor is made, gets one message, answers it and ends; then comes the next one. lazy_init,
// because an actor that only waits for its first message need not be scheduled before it.
#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

caf::behavior child(caf::event_based_actor* self) {
  return {[=](ping_atom, const caf::actor& from) {
    self->send(from, pong_atom::value);
    self->quit();
  }};
}

caf::behavior creator(caf::event_based_actor* self, long actors) {
  return {[=, left = actors](pong_atom) mutable {
    if (left-- == 0) return self->quit();
    self->send(self->spawn<caf::lazy_init>(child), ping_atom::value, self);
  }};
}

}  // namespace

int main(int argc, char** argv) {
  const long actors = count_of(argc, argv, 1'000'000);
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  // Not await_all_actors_done: its thread is woken for each actor that ends while few are there.
  caf::scoped_actor main(system);
  const caf::actor c = system.spawn(creator, actors);
  watch.start();
  main->send(c, pong_atom::value);
  main->wait_for(c);
  watch.stop();
  watch.print_rate(actors);
}
