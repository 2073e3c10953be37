// L2 with CAF: one actor sends all its messages in one go, another takes them.
#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

caf::behavior consumer(caf::event_based_actor* self, long messages) {
  return {[=, seen = 0L](data_atom, long n) mutable {
    if (n != seen++) std::abort();
    if (seen == messages) self->quit();
  }};
}

caf::behavior producer(caf::event_based_actor* self, const caf::actor& to) {
  return {[=](begin_atom, long messages) {
    for (long n = 0; n < messages; ++n) self->send(to, data_atom::value, n);
    self->quit();
  }};
}

}  // namespace

int main(int argc, char** argv) {
  const long messages = count_of(argc, argv, 5'000'000);
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  {
    const caf::actor p = system.spawn(producer, system.spawn(consumer, messages));
    watch.start();
    caf::anon_send(p, begin_atom::value, messages);
  }
  system.await_all_actors_done();
  watch.stop();
  watch.print_rate(messages);
}
