// What is known of the connection with a node, or of the search for one, for those who look from outside
// (service/inspect).
//
// Belongs to the network worker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/local_node.hpp"
#include "mesh/connection.hpp"
#include "mesh/peers.hpp"

namespace aemp::mesh {

struct link_facts {
  std::uint64_t number = 0;  // of connections, in the order in which they were made
  std::string node;
  std::string address;   // as this node sees it
  std::string through;   // a circuit: the node in the middle
  bool dialled = false;  // by this node
  std::string framing_in, framing_out, auth, encryption;
  traffic total = {};
  std::size_t queued = 0;  // bytes that the other side has not taken yet
  core::duration age{}, idle{};
  std::size_t monitors = 0;  // of the other node on our ports
  std::size_t watched = 0;   // ports of the other node that are monitored here
};

struct wish_facts {
  std::string node;
  std::size_t messages = 0, bytes = 0;  // that wait for it
  std::string tried;                    // where, and what came of it
};

// Connections with nodes, made after the one with that number, the oldest first. Cost: a look at each peer.
std::vector<link_facts> links_after(detail::local_node& node, const peers& all, std::uint64_t number,
                                    std::size_t most);
// Nodes that are being connected, in no order.
std::vector<wish_facts> wishes_in(const peers& all, std::size_t most);

}  // namespace aemp::mesh
