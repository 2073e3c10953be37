#include "mesh/membership.hpp"

#include <aemp/log.hpp>

#include "data/identity.hpp"

namespace aemp::mesh {
namespace {

constexpr std::size_t most_aliases = 64;

}  // namespace

membership::membership(detail::local_node& node, const settings& s, peers& all, connections& made,
                       last_way& latest, quotas& limits, routes& places, backoff& pauses,
                       membership_events& events)
    : node_(node),
      settings_(s),
      peers_(all),
      connections_(made),
      latest_(latest),
      quotas_(limits),
      routes_(places),
      backoff_(pauses),
      events_(events) {}

void membership::bring_up(connection& c) {
  const std::string& id = c.peer_id();
  if (const peer* before = peers_.find(id); before != nullptr && !before->alias_of.empty())
    lose(id, "it was an alias of node " + before->alias_of + ", and is a node of its own now");
  peer& p = peers_.add(id);
  latest_.forget();
  quotas_.forget_waiting(p);
  peers_.set_up(p, c);
  peers_.end_search(p);
  p.protocol = make_protocol(c);
  if (c.from.dialled && c.from.through.empty()) routes_.remember(id, *c.from.dialled);
  node_.report(7, "node " + id + " that comes", [&] { return "node " + id + " is up: " + c.describe(); });
  node_.presence().came(id);
  events_.came_up(c);
  if (!c.is_closed()) p.send_waiting();
  if (!c.is_closed() && !p.wait_for_drain.empty()) c.tell_when_drained();
  if (!c.is_closed() && c.from.through.empty()) peers_.way_is_open(id);
}

std::unique_ptr<node_protocol> membership::make_protocol(connection& c) {
  return std::make_unique<node_protocol>(
      node_, c.peer_id(), settings_.limits.max_monitors,
      node_protocol::callbacks{[&c](const message& m) { c.send({}, m); },
                               [this, id = c.peer_id()](std::string_view port, const message& reason) {
                                 died(id, port, reason);
                               }});
}

// Monitors may know the port by any of its node's names.
void membership::died(const std::string& node, std::string_view port, const message& reason) {
  node_.monitors().remote_died(detail::make_named_port(node, port), reason);
  const peer* const now = peers_.find(node);
  if (now == nullptr) return;
  for (const std::string& alias : now->aliases)
    node_.monitors().remote_died(detail::make_named_port(alias, port), reason);
}

void membership::add_alias(const std::string& alias, peer& of) {
  peer* p = peers_.find(alias);
  if (p == nullptr || p->up != nullptr || alias == of.id) return;
  if (of.aliases.size() >= most_aliases) {
    return lose(alias,
                "node " + of.id + " is known by " + std::to_string(most_aliases) + " other names already");
  }
  peers_.end_search(*p);
  latest_.forget();
  quotas_.forget_waiting(*p);
  peers_.set_alias(*p, of);
  p->fire_drained();
  node_.report(7, "other names of node " + of.id, [&] { return "node " + alias + " is node " + of.id; });
  p->send_waiting();
  peers_.way_is_open(alias);
}

void membership::lose(const std::string& node, const std::string& why, std::string_view reason) {
  const std::unique_ptr<peer> p = peers_.take(node);
  if (p == nullptr) return;
  latest_.forget();
  const bool was_up = p->up != nullptr && p->alias_of.empty();
  if (p->up != nullptr) {
    backoff_.lost(p->id, p->up->ready_since(), node_.network_worker().now());
  } else {
    quotas_.forget_waiting(*p);
  }
  node_.report(7, was_up ? "node " + p->id + " that goes" : std::string("nodes that are not reachable"),
               [&] { return "node " + p->id + (was_up ? " is down: " : " is not reachable: ") + why; });
  peers_.end_search(*p);
  p->protocol.reset();
  const std::unique_ptr<succession> claims = std::move(p->in_question);
  if (peer* real = peers_.find(p->alias_of)) std::erase(real->aliases, p->id);
  node_.monitors().node_lost(p->id, message(reason, p->id, why));
  p->fire_drained();
  for (const std::string& alias : p->aliases) lose(alias, why, reason);
  events_.lost(p->id, was_up, why);
  if (claims != nullptr) connections_.accept(claims->claimants());
}

}  // namespace aemp::mesh
