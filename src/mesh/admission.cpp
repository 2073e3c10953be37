#include "mesh/admission.hpp"

#include <algorithm>
#include <vector>

#include "mesh/goodbye.hpp"
#include "mesh/heartbeat.hpp"

namespace aemp::mesh {
namespace {

error connected_already(const std::string& node) {
  return {"already_connected", "node " + node + " is connected already, by another connection"};
}

// Two peers that announce no `instance` count as the same process.
bool is_same_process(const connection& one, const connection& other) {
  return one.peer().key("instance") == other.peer().key("instance");
}

// A direct connection takes the place of a circuit to the same process: it needs no node in the middle, and a
// node that is reached by a circuit cannot pass on circuits for others.
bool is_shortcut(const connection& fresh, const connection& holder) {
  return fresh.from.through.empty() && !holder.from.through.empty() && is_same_process(fresh, holder);
}

// By the arbiter, which numbers its acceptances. Of a peer that does not, or that is another process now, there is only
// the order in which the connections were made.
bool was_accepted_before(const connection& one, const connection& other) {
  const std::uint64_t first = one.session().peer_acceptance(), second = other.session().peer_acceptance();
  if (first != 0 && second != 0 && is_same_process(one, other)) return first < second;
  return one.number < other.number;
}

void refuse_claim(connection& claimant, const connection& holder) {
  const std::string& id = claimant.peer_id();
  const bool two = claimant.peer().key("instance") ? !is_same_process(claimant, holder)
                                                   : claimant.began() > holder.ready_since();
  if (!two) return claimant.close(connected_already(id));
  claimant.close({"same_node_id", "two nodes call themselves " + id + ": the one at " + holder.remote.str() +
                                      " was here first and answers, so it stays; give the one at " +
                                      claimant.remote.str() + " a node ID of its own"});
}

}  // namespace

admission::admission(detail::local_node& node, const settings& s, connections& made, const peers& all,
                     membership& members, outcomes& told, data_handover& data)
    : node_(node),
      settings_(s),
      connections_(made),
      peers_(all),
      membership_(members),
      outcomes_(told),
      data_(data) {}

// The arbiter is the node with the greater ID. A peer that does not know this rule leaves the decision to
// this node.
bool admission::is_arbiter(const connection& c) const {
  return c.peer().key("arbiter") != "1" || node_.id() > c.peer_id();
}

// ---- a connection's events ----

void admission::named(connection& c) {
  if (c.is_data()) return;
  const std::string& id = c.peer_id();
  outcomes_.named(c);
  const bool arbiter = is_arbiter(c);
  if (arbiter) c.hold();
  const peer* p = peers_.find_up(id);
  if (p == nullptr) return;
  if (is_shortcut(c, *p->up)) return;
  const bool same = is_same_process(c, *p->up);
  if (same && arbiter && c.from.dialled) return c.close(connected_already(id));
  if (same || arbiter) return;  // verified() decides, after the peer's proof
  // The other node shows its proof only after ours. So this node asks the holder before it shows its own;
  // otherwise two nodes with one ID would drive each other out in turns.
  c.hold();
  claim(c, false);
}

void admission::verified(connection& c) {
  const peer* p = peers_.find_up(c.peer_id());
  if (p != nullptr && !is_shortcut(c, *p->up)) return claim(c, true);
  connections_.accept(c);
}

void admission::ready(connection& c) {
  connections_.handshake_done(c);
  if (c.is_data()) return data_.ready(c);
  const std::string id = c.peer_id();
  bool sole = is_arbiter(c);
  // The old connection was silent; or the arbiter has accepted this one, and has given up the old one.
  if (peer* p = peers_.find_up(id)) {
    if (!is_arbiter(c) && was_accepted_before(c, *p->up)) {
      // Its acceptance took longer on the way, and what comes on it is older than what has come on the other.
      return c.close({"already_connected", "node " + id + " has given up this connection already"});
    }
    sole = std::exchange(p->in_question, nullptr) != nullptr || sole;
    p->up->close(
        {"connection_replaced", "node " + id + " has given up this connection and made another one"});
  }
  membership_.bring_up(c);
  if (sole) close_rivals(c);
  if (!c.is_closed()) outcomes_.came_up(c);
}

void admission::closed(connection& c, const error& why) {
  if (!connections_.retire(c)) return;
  const peer* p = c.is_named() ? peers_.find(c.peer_id()) : nullptr;
  if (c.is_ready()) {
    if (p == nullptr || p->up != &c) return;
    if (why.name == node_stopped) return membership_.lose(p->id, why.text, node_stopped);
    const bool plain = why.name == "connection_lost" || why.name == "heartbeat_lost";
    return membership_.lose(p->id, plain ? why.text : why.name + ": " + why.text);
  }
  if (p != nullptr && p->in_question != nullptr) p->in_question->remove(c);
  outcomes_.handshake_failed(c, why);
}

// When one connection to a node is up, its other handshakes can only fail.
void admission::close_rivals(const connection& winner) {
  std::vector<connection*> rivals;
  for (const auto& [number, c] : connections_.handshakes()) {
    if (c != &winner && c->is_named() && !c->is_data() && c->peer_id() == winner.peer_id())
      rivals.push_back(c);
  }
  for (connection* c : rivals) {
    if (connections_.contains(*c)) c->close(connected_already(c->peer_id()));
  }
}

// ---- a node comes again while it is up ----

void admission::claim(connection& c, bool proven) {
  peer& p = *peers_.find_up(c.peer_id());
  const bool first = p.in_question == nullptr;
  if (first) {
    const core::duration theirs = announced_silence(p.up->peer()).value_or(settings_.monitor_timeout);
    const core::duration patience = std::min(settings_.monitor_timeout, theirs) / 6;
    p.in_question = std::make_unique<succession>(node_.network_worker(), *p.up, patience,
                                                 std::to_string(++questions_asked_),
                                                 [this, id = p.id] { settle_claims(id, false); });
  }
  p.in_question->add(c, proven);
  if (first) p.in_question->ask(node_.id());
}

// If the holder is silent and this node is the arbiter, the first claimant comes up at once and closes the
// others. If the other node is the arbiter, this node shows its proof to all claimants, and the other node
// decides.
void admission::settle_claims(const std::string& node, bool holder_lives) {
  peer* p = peers_.find_up(node);
  if (p == nullptr || p->in_question == nullptr) return;
  if (holder_lives) {
    const std::unique_ptr<succession> claims = std::move(p->in_question);
    for (connection* c : claims->claimants()) {
      if (connections_.contains(*c)) refuse_claim(*c, *p->up);
    }
    return;
  }
  if (!p->in_question->claimants().empty()) {
    const std::unique_ptr<succession> claims = std::move(p->in_question);
    return connections_.accept(claims->claimants());
  }
  const bool proven = p->in_question->proven();
  p->in_question.reset();
  if (proven) p->up->close({"connection_replaced", "it is silent, and the node has connected again"});
}

}  // namespace aemp::mesh
