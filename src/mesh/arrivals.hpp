// Streams that are there: accepted by a listener, dialled, or opened through a node in the middle. Each becomes
// a connection, whose handshake begins. An exception on the way ends that stream, and nothing else.
//
// Belongs to the network worker.
#pragma once

#include <memory>
#include <string>

#include "core/local_node.hpp"
#include "mesh/connections.hpp"
#include "mesh/data_handover.hpp"
#include "mesh/introduction.hpp"
#include "mesh/outcomes.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class arrivals {
 public:
  // These outlive it. Its connections ask `owner` who may connect, and give `traffic` what comes.
  arrivals(detail::local_node& node, const settings& s, connections& all, introduction& greeter,
           outcomes& told, const data_handover& data, connection_owner& owner, traffic_events& traffic);

  void adopt(std::unique_ptr<net::stream> stream, const origin& from);

 private:
  void begin(std::unique_ptr<net::stream> stream, const origin& from, connection*& made);
  void refuse_to_leave(const net::endpoint& remote, const origin& from);

  detail::local_node& node_;
  const settings& settings_;
  connections& connections_;
  introduction& introduction_;
  outcomes& outcomes_;
  const data_handover& data_;
  connection_owner& owner_;
  traffic_events& traffic_;
};

}  // namespace aemp::mesh
