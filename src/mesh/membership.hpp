// Which nodes are up: brings a peer up on its connection, and loses it. The core hears of both
// (local_node::node_came, node_lost) before anything is sent to that node again, and so monitors fire in order
// with messages (aemp-protocol B.6).
//
// Belongs to the network worker.
#pragma once

#include <string>
#include <string_view>

#include "core/local_node.hpp"
#include "mesh/backoff.hpp"
#include "mesh/connections.hpp"
#include "mesh/last_way.hpp"
#include "mesh/peers.hpp"
#include "mesh/quotas.hpp"
#include "mesh/routes.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

// Hears who is up, after the core has.
class membership_events {
 public:
  // May end the connection.
  virtual void came_up(connection& c) = 0;
  // A node, or an alias, is lost. `was_up`: else it was looked for in vain, or an alias.
  virtual void lost(const std::string& node, bool was_up, const std::string& why) = 0;

 protected:
  ~membership_events() = default;
};

class membership {
 public:
  // What it works on outlives it.
  membership(detail::local_node& node, const settings& s, peers& all, connections& made, last_way& latest,
             quotas& limits, routes& places, backoff& pauses, membership_events& events);

  // The node at the other end is up on this connection; what waits for it is sent, which may close the
  // connection.
  void bring_up(connection& c);
  // That name has turned out to be another one of a node that is up.
  void add_alias(const std::string& alias, peer& of);
  // The node is not up any more, or could not be reached, for that reason. Does nothing when there is no such
  // peer. Its aliases are lost with it.
  void lose(const std::string& node, const std::string& why, std::string_view reason = "transport_error");

 private:
  std::unique_ptr<node_protocol> make_protocol(connection& c);
  void died(const std::string& node, std::string_view port, const message& reason);

  detail::local_node& node_;
  const settings& settings_;
  peers& peers_;
  connections& connections_;
  last_way& latest_;
  quotas& quotas_;
  routes& routes_;
  backoff& backoff_;
  membership_events& events_;
};

}  // namespace aemp::mesh
