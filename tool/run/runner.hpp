// A node without a program: `aemp run`. It listens and connects as its profile says, so it can be the seed,
// the global node or the master of a network; and it has the functions of its services (service_objects.hpp).
//
// SIGTERM and SIGINT end it: what was queued before is still handled and sent, for two seconds at most, then
// it says goodbye to the others; a second one ends it at once. SIGHUP makes it anew with what the
// configuration says now, unless that makes no sense. Others can stop it, unless it is secure, with the
// function aemp::stop, and, where somebody starts it again, with aemp::restart.
#pragma once

#include <string>

#include <aemp/config.hpp>

#include "tool/context.hpp"

namespace aemp::tool {

// What the process ends with so that it is started again at once.
inline constexpr int restart_status = 75;

// Until it is ended; the status. `heartbeat`: a pipe to write a byte into, each second in which the node is
// alive, or -1. Throws config_error when the node cannot be started.
int run_node(context& all, const config& wanted, int heartbeat);

}  // namespace aemp::tool
