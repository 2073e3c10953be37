// The services of a configuration: functions that a node calls itself when it begins to run (aemp-protocol
// B.8).
#pragma once

#include <vector>

#include <aemp/message.hpp>

#include "core/local_node.hpp"

namespace aemp {

// Calls the functions, by the name under which they were defined on the node, in order, once it runs. A
// configuration may be shared with Perl nodes, so a service that is not defined here is logged and skipped,
// and a name ending in "::" is that of a module to load: theirs, or a shared object that `aemp run` has
// loaded by now.
void start_services(detail::local_node& node, const std::vector<message>& services);

}  // namespace aemp
