// What nodes, ports and groups a network has, for whoever is typing one. They are asked at once and for a
// short time; what has not answered by then is left out.
#pragma once

#include <string>
#include <vector>

#include "tool/network/session.hpp"
#include "tool/terminal/completion.hpp"

namespace aemp::tool {

// Of a kind of parameter: NODE, PORT, GROUP or FAMILY. A port is looked for on the node that is named before
// its '#'; without one there are the nodes. Only the first few thousand ports are looked at.
std::vector<candidate> names_in_network(context& all, const std::string& kind, const std::string& begin);

// The messages of the contract that a port serves, with their types; none if it serves none.
std::vector<candidate> messages_of_port(context& all, const std::string& port);

// "add" of "add(int, int) -> int".
std::string name_of_message(const std::string& signature);

// A port does not answer a message that it does not know. Warns if it serves a contract without that message, and says
// which it has; it may have other handlers, so this is only a hint.
void warn_of_unknown_message(session& s, const port_id& to, const std::string& name);

}  // namespace aemp::tool
