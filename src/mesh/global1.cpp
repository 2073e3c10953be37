// Set-up, life and masters of version 1. What peers say to their rendezvous ports is in global1_messages.cpp.
#include "mesh/global1.hpp"

#include <algorithm>

#include <aemp/log.hpp>

#include "mesh/elements.hpp"

namespace aemp::mesh {

global1::global1(detail::local_node& node, const settings& s, dice& chance, directory_owner& owner,
                 callbacks tell)
    : node_(node),
      worker_(node.network_worker()),
      settings_(s),
      dice_(chance),
      owner_(owner),
      tell_(std::move(tell)),
      api_(node) {}

global1::~global1() {
  for (auto& [node, p] : peers_) {
    p.watch.cancel();
    if (!p.theirs.empty()) node_.kill_local(p.theirs, {});
  }
}

void global1::log(const std::string& node, int level, const std::string& text) {
  node_.report(level, "the database as node " + node + " tells it",
               [&] { return "node " + node + ": " + text; });
}

void global1::say(const std::string& node, std::vector<value> elements) {
  const auto found = peers_.find(node);
  if (found == peers_.end() || found->second.gone) return;
  owner_.tell(node, found->second.ours, message::of(std::move(elements)));
}

void global1::say_to_all(const std::vector<value>& elements) {
  std::vector<std::string> nodes;
  for (const auto& [node, p] : peers_) nodes.push_back(node);
  for (const std::string& node : nodes) say(node, elements);
}

value::map global1::known_addresses() const {
  value::map known;
  for (const auto& [node, addresses] : introduced_) known.emplace(node, value_of(addresses));
  for (const auto& [node, p] : peers_) {
    if (p.told) known.emplace(node, value_of(p.addresses));
  }
  return known;
}

// The messages go out in the order that real nodes keep (aemp-protocol E.1).
void global1::node_up(const std::string& node, bool translates) {
  dialled_.erase(node);
  const std::string name = node_.names().new_unique_name();
  const value::map known = known_addresses();
  peers_[node] = peer{name, translates};
  const std::string before = master_;
  const bool better = is_better(node);
  if (better && !before.empty()) say(before, {"seedme0"});
  owner_.tell(node, {},
              message("AnyEvent::MP::_spawn", name, "AnyEvent::MP::Global::connect", 0, node_.id()));
  const auto made = peers_.find(node);
  if (made == peers_.end()) return;
  made->second.watch = api_.mon(detail::make_named_port(node, name), [this, node, name](const message&) {
    const auto found = peers_.find(node);
    if (found == peers_.end() || found->second.ours != name) return;
    found->second.gone = true;
    forget_groups(node, found->second);
  });
  say(node, {"addr", value_of(owner_.listening_at())});
  if (!known.empty()) say(node, {"nodes", value(known)});
  if (!announced_.empty()) {
    value::map groups;
    for (const auto& [group, ports] : announced_)
      groups.emplace(group, value(value::array(ports.begin(), ports.end())));
    say(node, {"set", value(std::move(groups))});
  }
  say(node, {"setup"});
  if (better) {
    master_ = node;
    say(node, {"seedme1"});
  }
}

void global1::node_gone(const std::string& node) {
  dialled_.erase(node);
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  peer p = std::move(found->second);
  peers_.erase(found);
  pass_on_.erase(node);
  p.watch.cancel();
  if (!p.theirs.empty()) node_.kill_local(p.theirs, {});
  forget_groups(node, p);
  if (node == master_) {
    master_.clear();
    become_slave_of(choose_master());
  }
  if (!master_.empty()) say(master_, {"find", node});
}

void global1::forget_groups(const std::string& node, peer& p) {
  p.groups.clear();
  p.weight = 0;
  tell_.forgotten(node);
}

// ---- masters (aemp-protocol E.3) ----

// A seed replaces a master that is none. It replaces a seed only by chance, so that many nodes spread over
// all seeds. Otherwise a master stays while it is connected.
bool global1::is_better(const std::string& node) const {
  if (master_.empty()) return true;
  const bool seed = owner_.is_seed(node);
  if (seed != owner_.is_seed(master_)) return seed;
  if (!seed) return false;
  const auto n = static_cast<double>(
      std::count_if(peers_.begin(), peers_.end(), [&](const auto& p) { return owner_.is_seed(p.first); }));
  return dice_.fraction() < (n - 1) / n;
}

// Without a connected seed, the last node by name becomes the master.
std::string global1::choose_master() const {
  std::vector<std::string> connected_seeds;
  for (const auto& [node, p] : peers_) {
    if (owner_.is_seed(node)) connected_seeds.push_back(node);
  }
  if (!connected_seeds.empty()) return connected_seeds[dice_.below(connected_seeds.size())];
  return peers_.empty() ? std::string() : peers_.rbegin()->first;
}

bool global1::has_answer() const {
  return std::ranges::any_of(peers_,
                             [&](const auto& p) { return p.second.set_up && owner_.is_seed(p.first); });
}

// Nodes that are being dialled or set up have yet to tell what they have.
bool global1::is_pending() const {
  return !dialled_.empty() ||
         std::ranges::any_of(peers_, [](const auto& p) { return !p.second.set_up && !p.second.gone; });
}

bool global1::has_seed() const {
  return std::ranges::any_of(peers_, [&](const auto& p) { return owner_.is_seed(p.first); });
}

void global1::seed_named(const std::string& node) {
  if (!has(node) || node == master_ || !is_better(node)) return;
  say(master_, {"seedme0"});
  become_slave_of(node);
}

void global1::become_slave_of(const std::string& node) {
  master_ = node;
  if (!node.empty()) say(node, {"seedme1"});
}

// ---- what this node tells ----

void global1::announce(const std::string& group, const std::string& port) {
  if (announced_[group].insert(port).second) say_to_all({"reg1", group, port});
}

void global1::withdraw(const std::string& group, const std::string& port) {
  const auto found = announced_.find(group);
  if (found == announced_.end() || found->second.erase(port) == 0) return;
  if (found->second.empty()) announced_.erase(found);
  say_to_all({"reg0", group, port});
}

void global1::moved() { say_to_all({"addr", value_of(owner_.listening_at())}); }

void global1::introduce(const std::string& node, const std::vector<std::string>& addresses) {
  if (addresses.empty()) {
    introduced_.erase(node);
    return;
  }
  if (std::exchange(introduced_[node], addresses) == addresses) return;
  pass_on(node);
}

// Only peers that have asked for it are told of new nodes.
void global1::pass_on(const std::string& node) {
  const value::map known = known_addresses();
  const auto found = known.find(node);
  if (found == known.end()) return;
  std::vector<std::string> curious;
  for (const auto& [other, p] : peers_) {
    if (p.wants_nodes) curious.push_back(other);
  }
  for (const std::string& other : curious) say(other, {"nodes", value(value::map{{node, found->second}})});
}

}  // namespace aemp::mesh
