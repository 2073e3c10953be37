// `aemp top`: what the nodes of a network do, turn by turn: at a terminal as a picture with keys to sort and
// to look at the ports of a node, elsewhere as text or JSON. It asks the nodes' inspect service
// (question.hpp): two questions a node and turn; a node that has not answered yet is not asked again.
#pragma once

#include "tool/command.hpp"

namespace aemp::tool {

command top_command();

}  // namespace aemp::tool
