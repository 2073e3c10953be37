// How this node goes: it lets nobody in any more, tells what still waits, and says goodbye, so that the
// others do not take it for a crash (docs/protocol.md, `goodbye`).
#include "mesh/mesh.hpp"

namespace aemp::mesh {

void mesh::close_door() {
  door_closed_ = true;
  listeners_.clear();
}

std::size_t mesh::unsent_in_all() const {
  std::size_t all = waiting_;
  for (const auto& [c, owned] : connections_) {
    if (c->is_ready()) all += c->queued();
  }
  return all;
}

// Circuits need the others for their last words.
void mesh::say_goodbye() {
  for (const bool circuits : {true, false}) {
    for (connection* c : in_order()) {
      if (c->is_ready() && c->from.through.empty() != circuits) c->finish();
    }
  }
}

void mesh::leave() {
  if (over_) return;
  say_goodbye();
  // The other side of a handshake may have come to its end already, and must not wait for us.
  for (connection* c : in_order()) {
    if (!c->is_ready())
      c->leave({"node_stopped", "node " + node_.id() + " was stopped during the handshake"});
  }
  std::vector<std::string> up;
  for (const auto& [id, p] : peers_) {
    if (p->up != nullptr && p->alias_of.empty()) up.push_back(id);
  }
  for (connection* c : in_order()) {
    if (c->is_closed()) retire(*c);
  }
  for (const std::string& id : up) lose(id, "node " + node_.id() + " was stopped", node_stopped);
}

}  // namespace aemp::mesh
