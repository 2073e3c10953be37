// What the CAF programs have in common: so many scheduler threads, the second argument, and the tags as
// atoms. bench/workloads.py says how many: the number that is faster for CAF. Behaviours are static functions
// and actors event-based, as CAF's manual does it; max-throughput is without a limit by default.
#pragma once

#include <caf/all.hpp>

#include "bench/stopwatch.hpp"

namespace bench {

using begin_atom = caf::atom_constant<caf::atom("begin")>;
using data_atom = caf::atom_constant<caf::atom("data")>;
using ping_atom = caf::atom_constant<caf::atom("ping")>;
using pong_atom = caf::atom_constant<caf::atom("pong")>;

class setup : public caf::actor_system_config {
 public:
  setup(int argc, char** argv) {
    set("scheduler.max-threads", static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 1));
  }
};

}  // namespace bench
