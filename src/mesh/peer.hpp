// Another node, as long as it is connected or looked for. While it is up, the peer has its connection; until
// then, the search for it (dialler) and what waits for it (backlog).
//
// Belongs to the network worker, and to the table of peers (peers.hpp).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/owned.hpp"
#include "mesh/backlog.hpp"
#include "mesh/connection.hpp"
#include "mesh/dialler.hpp"
#include "mesh/node_protocol.hpp"
#include "mesh/succession.hpp"

namespace aemp::mesh {

struct peer {
  explicit peer(std::string id) : id(std::move(id)) {}

  // Sends a packet on the connection, which may close it, and with it end this peer.
  void put(const backlog::packet& p);
  // The same with all that waits.
  void send_waiting();
  // Fires everything that waits for the peer to be drained.
  void fire_drained();

  const std::string id;
  connection* up = nullptr;

  // While the node is not up.
  backlog waiting = {};
  std::map<std::string, std::size_t> wished_by = {};  // bytes that wait here for other nodes, by their IDs
  std::unique_ptr<dialler> dial = {};

  // While it is up.
  std::unique_ptr<node_protocol> protocol = {};
  std::unique_ptr<succession> in_question = {};  // while others claim to be this node

  std::atomic<std::size_t> unsent{0};    // bytes that wait to be sent, for all threads to see
  core::owned_list wait_for_drain = {};  // fired when few bytes do

  // An alias is a node ID, a noderef, that leads to a node with an ID of its own, `alias_of`. The alias has
  // the connection of that node, and is lost together with it. The node knows all its aliases.
  std::string alias_of = {};
  std::vector<std::string> aliases = {};
};

}  // namespace aemp::mesh
