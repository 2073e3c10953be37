// What nodes, ports and groups a network has, for whoever is typing one. They are asked at once and for a
// short time; what has not answered by then is left out.
#pragma once

#include <string>
#include <vector>

#include "tool/terminal/completion.hpp"

namespace aemp::tool {

// Of a kind of parameter: NODE, PORT, GROUP or FAMILY. A port is looked for on the node that is named before
// its '#'; without one there are the nodes. Only the first few thousand ports are looked at.
std::vector<candidate> names_in_network(context& all, const std::string& kind, const std::string& begin);

}  // namespace aemp::tool
