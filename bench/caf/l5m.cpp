// L5m with CAF: what an idle actor takes of the memory that is resident. The vector with the handles was
// filled before.
#include <vector>

#include "bench/caf/setup.hpp"

using namespace bench;

namespace {

caf::behavior idle(caf::event_based_actor* self) {
  return {[=](begin_atom) { self->quit(); }};
}

}  // namespace

int main(int argc, char** argv) {
  const long actors = count_of(argc, argv, 1'000'000);
  setup configuration(argc, argv);
  caf::actor_system system(configuration);
  std::vector<caf::actor> all(static_cast<std::size_t>(actors));
  const double before = resident_bytes();
  // Each gets its behaviour when it is spawned: lazy actors would not have one yet.
  for (caf::actor& a : all) a = system.spawn(idle);
  caf::scoped_actor self(system);
  self->send(all.back(), begin_atom::value);
  self->wait_for(all.back());  // the one scheduler thread has set up all others before
  const double bytes = resident_bytes() - before;
  for (const caf::actor& a : all) self->send(a, begin_atom::value);
  std::printf("{\"value\": %.1f}\n", bytes / static_cast<double>(actors));
}
