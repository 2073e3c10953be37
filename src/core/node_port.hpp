// Messages to the node port (aemp-protocol D.1, I.4): what every node does for others and for its own ports. Whatever
// is not one of these messages is a call of a function that was defined here. Monitors and kills, which concern the
// connection they came over, are handled in mesh/node_protocol.
//
// For other nodes on the network worker only; for this node on any worker.
#pragma once

#include <string>

#include "core/crew.hpp"
#include "core/functions.hpp"
#include "core/gateway.hpp"
#include "core/names.hpp"
#include "core/presence.hpp"

namespace aemp::core {

class node_port {
 public:
  node_port(node_context& node, crew& workers, names& known, functions& callable, presence& nodes)
      : node_(node), workers_(workers), names_(known), functions_(callable), presence_(nodes) {}

  void set_gateway(gateway* g) noexcept { gateway_ = g; }  // null: a private node

  // `from` is the node whose message it is; null: this node.
  void handle(const message& m, const std::string* from);

 private:
  class request;

  node_context& node_;
  crew& workers_;
  names& names_;
  functions& functions_;
  presence& presence_;
  gateway* gateway_ = nullptr;
};

}  // namespace aemp::core
