// Hands streams over to whoever serves data connections (data_server.hpp), instead of making them the
// connection with a node: those of other nodes, and those that this node has dialled for that.
//
// Belongs to the network worker.
#pragma once

#include <string>

#include "core/local_node.hpp"
#include "mesh/connections.hpp"
#include "mesh/data_server.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class data_handover {
 public:
  data_handover(detail::local_node& node, const settings& s, connections& all)
      : node_(node), settings_(s), connections_(all) {}

  // Until then nobody can make a data connection.
  void serve(data_server& s) noexcept { server_ = &s; }
  bool is_served() const noexcept { return server_ != nullptr; }

  // The handshake of a data connection is done: its stream is handed over, and the connection retires.
  void ready(connection& c);
  // What was dialled for a data connection came to nothing.
  void dial_ended(const origin& from, const error& why);

 private:
  detail::local_node& node_;
  const settings& settings_;
  connections& connections_;
  data_server* server_ = nullptr;
};

}  // namespace aemp::mesh
