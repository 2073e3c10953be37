// Who is connected to whom, asked of the nodes themselves in words that all implementations understand:
// up_nodes, and, of Perl nodes of 2.x, which do not know that any more, an evaluation.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tool/network/session.hpp"

namespace aemp::tool {

struct topology {
  std::map<std::string, std::set<std::string>> neighbours;  // without the tool itself
  std::set<std::string> silent;                             // nodes that did not answer within --timeout
};

// Asks these nodes, then those that they name, until there is nobody left to ask. In a session's command.
void explore(session& s, std::vector<std::string> begin, std::function<void(const topology&)> f);

// For dot, of Graphviz: each connection once.
std::string dot_of(const topology& t);

}  // namespace aemp::tool
