// What peers of version 1 say to their rendezvous ports here (aemp-protocol E.1), and how far they are
// believed.
#include <aemp/log.hpp>

#include "core/registry.hpp"
#include "mesh/elements.hpp"
#include "mesh/estates.hpp"
#include "mesh/global1.hpp"

namespace aemp::mesh {
namespace {

constexpr std::size_t most_addresses = 32;                         // of one node
constexpr std::size_t most_dialled = 256;                          // at a time, of the nodes that peers named
constexpr core::duration pass_on_after = std::chrono::seconds(2);  // and up to a second more

bool is_member(std::string_view key) { return core::is_port_key(key); }

}  // namespace

void global1::spawn(const std::string& node, const message& m) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  const auto word = core::word_in(m[1], core::is_name);
  if (!word || word->empty()) return malformed(node, m);
  const std::string& name = *word;
  if (m[3].to<int>() != 0)
    return log(node, 2,
               "speaks version " + m[3].to_string() + " of the global protocol; refused, 0 expected");
  if (m[4].to_string() != node)
    return log(
        node, 2,
        "claims to be " + m[4].to_string().substr(0, 64) + " when it makes its rendezvous port; refused");
  if (node_.names().resolve_name(name))
    return log(node, 2, "makes a rendezvous port of a name that a port has already; refused");
  if (!found->second.theirs.empty()) {
    node_.kill_local(found->second.theirs, {});
    forget_groups(node, found->second);
  }
  found->second.theirs = name;
  open_port(node, name);
}

void global1::open_port(const std::string& node, const std::string& name) {
  const port_id id = detail::make_named_port(node_.id(), name);
  // The handler takes whole messages. A typed one would log elements that do not convert, but a peer's
  // nonsense is logged for that peer.
  api_.rcv(id, [this, node, name](const message& m) {
    static const std::map<std::string, handler, std::less<>> handlers = {
        {"addr", &global1::on_addr}, {"nodes", &global1::on_nodes},     {"set", &global1::on_set},
        {"reg1", &global1::on_reg1}, {"reg0", &global1::on_reg0},       {"setup", &global1::on_setup},
        {"find", &global1::on_find}, {"seedme1", &global1::on_seedme1}, {"seedme0", &global1::on_seedme0}};
    const auto found = peers_.find(node);
    if (found == peers_.end() || found->second.theirs != name) return;  // sent before the peer was lost
    const auto h = handlers.find(m[0].to_string());
    if (h != handlers.end()) (this->*h->second)(node, found->second, m);
  });
}

void global1::malformed(const std::string& node, const message& m) {
  log(node, 2, "malformed " + m[0].to_string().substr(0, 64) + " dropped: " + m.to_json().substr(0, 200));
}

void global1::on_addr(const std::string& node, peer& p, const message& m) {
  const auto addresses = places_of(m[1]);
  if (!addresses || addresses->size() > most_addresses) return malformed(node, m);
  p.told = true;
  p.addresses = *addresses;
  owner_.learn_addresses(node, *addresses);
  auto& timer = pass_on_[node];
  timer = std::make_unique<core::own_timer>();
  timer->start(worker_, pass_on_after + dice_.up_to(std::chrono::seconds(1)),
               [this, node] { pass_on(std::string(node)); });
}

void global1::on_nodes(const std::string& node, peer&, const message& m) {
  const auto named = family_of(m[1]);
  if (!named || m[1].is_null()) return malformed(node, m);
  std::size_t refused = 0;
  for (const auto& [other, where] : *named) {
    const auto addresses = places_of(where);
    if (!addresses || addresses->size() > most_addresses || !core::is_node_name(other)) {
      malformed(node, m);
      continue;
    }
    if (other == node_.id() || owner_.is_up(other) || addresses->empty()) continue;
    if (!dialled_.contains(other) && dialled_.size() >= most_dialled) {
      ++refused;
      continue;
    }
    dialled_.insert(other);
    owner_.learn_addresses(other, *addresses);
    owner_.want_connection(other);
  }
  if (refused != 0) {
    log(node, 1,
        "names " + std::to_string(refused) + " nodes to connect to while " + std::to_string(most_dialled) +
            " named ones are not reached; they are ignored");
  }
}

void global1::add(const std::string& node, peer& p, const std::string& group,
                  const std::vector<std::string>& ports) {
  if (group.empty() || group[0] == '\'')
    return log(node, 2, "registers ports in the reserved group '" + group.substr(0, 64) + "'; dropped");
  if (!is_family(group))
    return log(
        node, 2,
        "registers ports in '" + group.substr(0, 64) + "', which is no valid name of a group; dropped");
  core::family_change c{group};
  for (const std::string& port : ports) {
    if (!is_port_of(port, node) && (!p.translates || is_port_of(port, node_.id()))) {
      log(node, 2,
          "registers port " + port.substr(0, 100) + " in group " + group.substr(0, 64) +
              ", which is not its own; dropped");
      continue;
    }
    const std::size_t more = 64 + group.size() + port.size();
    if (p.weight + more > settings_.limits.max_registered) {
      log(node, 1, "has registered about " + std::to_string(p.weight) + " bytes of ports; more are refused");
      break;
    }
    if (!p.groups[group].insert(port).second) continue;
    p.weight += more;
    c.set.emplace(port, nullptr);
  }
  if (!c.empty()) tell_.changed(node, c);
}

void global1::on_set(const std::string& node, peer& p, const message& m) {
  const auto groups = family_of(m[1]);
  if (!groups) return malformed(node, m);
  for (const auto& [group, list] : *groups) {
    const auto ports = words_of(list, is_member);
    if (!ports) {
      malformed(node, m);
      continue;
    }
    add(node, p, group, *ports);
  }
}

void global1::on_reg1(const std::string& node, peer& p, const message& m) {
  const auto group = core::word_in(m[1], is_family);
  const auto port = core::word_in(m[2], is_member);
  if (!group || !port) return malformed(node, m);
  add(node, p, *group, {*port});
}

void global1::on_reg0(const std::string& node, peer& p, const message& m) {
  const auto group = core::word_in(m[1], is_family);
  const auto port = core::word_in(m[2], is_member);
  if (!group || !port) return malformed(node, m);
  const auto found = p.groups.find(*group);
  if (found == p.groups.end() || found->second.erase(*port) == 0) return;
  p.weight -= 64 + group->size() + port->size();
  if (found->second.empty()) p.groups.erase(found);
  tell_.changed(node, {*group, {}, {*port}});
}

void global1::on_setup(const std::string&, peer& p, const message&) {
  p.set_up = true;
  tell_.told();
}

void global1::on_find(const std::string& node, peer&, const message& m) {
  const auto sought = core::word_in(m[1], core::is_node_name);
  if (!sought) return malformed(node, m);
  const value::map known = known_addresses();
  const auto found = known.find(*sought);
  if (found != known.end()) say(node, {"nodes", value(value::map{{found->first, found->second}})});
}

void global1::on_seedme1(const std::string& node, peer& p, const message&) {
  p.wants_nodes = true;
  if (value::map known = known_addresses(); !known.empty()) say(node, {"nodes", value(std::move(known))});
}

}  // namespace aemp::mesh
