// The services of a configuration: functions that a node calls itself when it begins to run (aemp-protocol
// B.8).
#pragma once

#include <vector>

#include <aemp/message.hpp>

#include "core/local_node.hpp"

namespace aemp::api {

// Once the node runs, calls the functions in order, by the names under which they were defined on it. A
// configuration may be shared with Perl nodes, so a service that is not defined here is logged and skipped. A
// name ending in "::" is that of a module to load: a Perl module, or a shared object that `aemp run` has
// loaded already.
void start_services(detail::local_node& node, const std::vector<message>& services);

}  // namespace aemp::api
