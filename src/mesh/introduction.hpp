// How this node introduces itself on a connection: what its greeting says, what it accepts of the other side's
// proof, and whether the connection is to be encrypted. Each one has a nonce of its own.
//
// Belongs to the network worker.
#pragma once

#include "core/local_node.hpp"
#include "mesh/connection.hpp"
#include "mesh/dice.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

class introduction {
 public:
  // Throws std::invalid_argument when no greeting can be made of these settings.
  introduction(const detail::local_node& node, const settings& s, dice& chance);

  // `serves_data`: this node takes data connections.
  wire::session_config on(const net::stream& stream, const origin& from, bool serves_data);

 private:
  wire::session_config to(const net::endpoint& remote);

  const detail::local_node& node_;
  const settings& settings_;
  dice& dice_;
};

}  // namespace aemp::mesh
