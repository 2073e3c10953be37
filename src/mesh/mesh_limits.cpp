// What others may make the mesh hold: what waits for nodes, what has come of messages that are not complete,
// what peers want passed on; and what becomes of a message that its receiver would not take.
#include "core/words.hpp"
#include "data/identity.hpp"
#include "mesh/halves.hpp"
#include "mesh/large_queue.hpp"
#include "mesh/mesh.hpp"

namespace aemp::mesh {

bool mesh::put_waiting(peer& p, outbox::packet packet) {
  const std::size_t before = p.waiting.bytes();
  const bool added = p.waiting.add(std::move(packet), settings_.limits);
  waiting_ += p.waiting.bytes() - before;
  p.unsent.store(p.waiting.bytes(), std::memory_order_relaxed);
  return added && waiting_ <= settings_.limits.max_queued_total;
}

// What waits for a node waits no more: it is on its way, or lost.
void mesh::forget_waiting(peer& p) {
  waiting_ -= p.waiting.bytes();
  for (const auto& [who, bytes] : std::exchange(p.wished_by, {})) {
    const auto account = wishes_of_others_.find(who);
    account->second.bytes -= bytes;
    if (--account->second.nodes == 0) wishes_of_others_.erase(account);
  }
}

void mesh::pass_on(const std::string& from, const port_id& to, message&& m) {
  if (over_) return;
  const halves at(to);
  const std::string node(at.node);
  outbox::packet packet{outbox::packet::kind::message, std::string(at.name), std::move(m)};
  if (peer* p = find(node); p != nullptr && p->up != nullptr) return p->put(packet);
  wish_account& account = wishes_of_others_[from];
  const peer* known = find(node);
  const bool is_new = known == nullptr || !known->wished_by.contains(from);
  const std::size_t bytes = outbox::weight_of(packet);
  const bool fits = account.nodes + is_new <= settings_.limits.max_wishes &&
                    account.bytes + bytes <= settings_.limits.max_wished;
  if (!fits || !core::is_node_name(node)) {
    if (account.nodes == 0) wishes_of_others_.erase(from);
    return node_.report(2, "messages that node " + from + " wants passed on", [&] {
      return "a message of node " + from + " is not passed on to node " + node.substr(0, 64) +
             ": that is not connected, and node " + from + " has us look for enough others already";
    });
  }
  account.nodes += is_new;
  account.bytes += bytes;
  peer& p = reach(node);
  p.wished_by[from] += bytes;
  if (p.up == nullptr && put_waiting(p, packet)) return;
  if (p.up == nullptr) return lose(node, "queue_full: too much waits for nodes that are being connected");
  forget_waiting(p);
  p.put(packet);
}

void mesh::holds(connection& c, std::ptrdiff_t more) {
  received_ += more;
  if (more < 0 || received_ <= static_cast<std::ptrdiff_t>(settings_.limits.max_received_total)) return;
  connection* largest = &c;
  for (const auto& [other, owned] : connections_) {
    if (other->held() > largest->held()) largest = other;
  }
  largest->close({"too_much_received",
                  std::to_string(received_) +
                      " bytes of messages that are not complete have come from all nodes, " +
                      std::to_string(largest->held()) + " of them here; the limit is max_received_total"});
}

// A message that is lost by itself is a loss of that port: its monitors fire, and until they have, nothing
// else goes there. Of a death, the reason alone is lost.
void mesh::refused(connection& c, std::string_view port, const message& m, const error& why) {
  const std::string id = c.peer_id();
  const std::string concerned = concern_of(port, m);
  node_.report(2, "messages that node " + id + " does not take", [&] {
    return why.name + ": a message to " + id + "#" + concerned + " was not sent: " + why.text;
  });
  if (port.empty() && tells_of_death(m))
    return c.send({}, message(m[0], m[1], why.name, "the reason was not sent: " + why.text));
  if (concerned.empty()) return;
  const message reason(why.name, "a message was not sent to this port: " + why.text);
  node_.monitors().port_lost(detail::make_named_port(id, concerned), reason);
  const peer* const p = find(id);
  for (const std::string& alias : p != nullptr ? p->aliases : std::vector<std::string>())
    node_.monitors().port_lost(detail::make_named_port(alias, concerned), reason);
}

void mesh::much_queued(connection&) {
  std::size_t all = waiting_;
  connection* fullest = nullptr;
  for (const auto& [c, owned] : connections_) {
    all += c->queued();
    if (fullest == nullptr || c->queued() > fullest->queued()) fullest = c;
  }
  if (all <= settings_.limits.max_queued_total || fullest == nullptr) return;
  fullest->close({"send_buffer_full",
                  std::to_string(all) + " bytes wait for all nodes together, " +
                      std::to_string(fullest->queued()) +
                      " of them for this one, which does not read them; the limit is max_queued_total"});
}

}  // namespace aemp::mesh
