// The search for nodes that somebody wants to reach. It gives a dialler all places that are known of a node,
// now and later, and ways through other nodes where nobody can dial it. When nobody answers in time, the node is
// lost.
//
// Belongs to the network worker.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/local_node.hpp"
#include "mesh/arrivals.hpp"
#include "mesh/backoff.hpp"
#include "mesh/dice.hpp"
#include "mesh/directory.hpp"
#include "mesh/listeners.hpp"
#include "mesh/membership.hpp"
#include "mesh/peers.hpp"
#include "mesh/relay.hpp"
#include "mesh/routes.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class search {
 public:
  // These outlive it. `groups` is null when no global protocol is spoken.
  search(detail::local_node& node, net::transport& network, const settings& s, dice& chance, peers& all,
         routes& places, const backoff& pauses, const listeners& open, const connections& made,
         relay& circuits, membership& members, arrivals& streams, directory* groups);

  // The peer of that name. The search for it begins when it is not up and not searched for yet. Null: that ended
  // at once, and the core has been told that the node is lost.
  peer* reach(std::string_view node);
  // Where a node can be dialled.
  void learn(const std::string& node, const std::vector<net::endpoint>& places);
  // These nodes are connected to it, and may pass a circuit on.
  void add_ways(const std::string& node, const std::vector<std::string>& through);
  // Nobody knows where it is: there is no hope unless it has told of a place itself.
  void has_no_address(const std::string& node);

 private:
  void begin(peer& p);
  result<net::endpoint> dial_through(const std::string& node, const std::string& through);
  bool is_here(const address& master) const;
  void gave_up(const std::string& node, const std::string& tried);

  detail::local_node& node_;
  net::transport& network_;
  const settings& settings_;
  dice& dice_;
  peers& peers_;
  routes& routes_;
  const backoff& backoff_;
  const listeners& listeners_;
  const connections& connections_;
  relay& relay_;
  membership& membership_;
  arrivals& arrivals_;
  directory* directory_;
};

}  // namespace aemp::mesh
