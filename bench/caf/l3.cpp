// L3 with CAF: 100 producers, one consumer.
#include <vector>

#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

caf::behavior consumer(caf::event_based_actor* self, long messages) {
  return {[=, seen = 0L](data_atom, long) mutable {
    if (++seen == messages) self->quit();
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
  constexpr long producers = 100;
  const long each = count_of(argc, argv, 5'000'000) / producers;
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  stopwatch watch;
  {
    const caf::actor to = system.spawn(consumer, each * producers);
    std::vector<caf::actor> all;
    for (long i = 0; i < producers; ++i) all.push_back(system.spawn(producer, to));
    watch.start();
    for (const caf::actor& p : all) caf::anon_send(p, begin_atom::value, each);
  }
  system.await_all_actors_done();
  watch.stop();
  watch.print_rate(each * producers);
}
