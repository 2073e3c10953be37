#include "mesh/peers.hpp"

namespace aemp::mesh {

connection* peers::leg_to(std::string_view node) const {
  const peer* const p = find_up(node);
  return p != nullptr && p->up->from.through.empty() ? p->up : nullptr;
}

std::string peers::real_name(const std::string& node) const {
  const peer* const p = find(node);
  return p == nullptr || p->alias_of.empty() ? node : p->alias_of;
}

peer& peers::add(std::string_view node) {
  if (peer* const p = find(node)) return *p;
  std::string id(node);
  peer& made = *all_.emplace(id, std::make_unique<peer>(id)).first->second;
  names_.lock()->emplace(std::move(id), &made);
  return made;
}

std::unique_ptr<peer> peers::take(std::string_view node) {
  const auto found = all_.find(node);
  if (found == all_.end()) return nullptr;
  std::unique_ptr<peer> p = std::move(found->second);
  all_.erase(found);
  if (p->up != nullptr && p->alias_of.empty()) --up_count_;
  names_.lock()->erase(p->id);
  return p;
}

void peers::clear() {
  names_.lock()->clear();
  all_.clear();
  up_count_ = 0;
}

void peers::set_up(peer& p, connection& c) {
  p.up = &c;
  ++up_count_;
  c.publish_queued(p.unsent);
}

void peers::set_alias(peer& alias, peer& of) {
  alias.up = of.up;
  alias.alias_of = of.id;
  of.aliases.push_back(alias.id);
  (*names_.lock())[alias.id] = &of;
}

void peers::begin_search(peer& p, std::unique_ptr<dialler> d) {
  searched_for_.insert(p.id);
  p.dial = std::move(d);
}

void peers::end_search(peer& p) {
  searched_for_.erase(p.id);
  p.dial.reset();
}

// way_is_open() may end searches, so this walks through a copy.
void peers::way_is_open(const std::string& through) const {
  for (const std::string& id : std::set<std::string>(searched_for_)) {
    if (const peer* p = find(id); p != nullptr && p->dial != nullptr) p->dial->way_is_open(through);
  }
}

std::vector<std::string> peers::known_nodes() const {
  const auto names = names_.lock();
  std::vector<std::string> nodes;
  for (const auto& [name, p] : *names) nodes.push_back(name);
  return nodes;
}

std::size_t peers::unsent(const std::string& node) const {
  const auto names = names_.lock();
  const auto found = names->find(node);
  return found == names->end() ? 0 : found->second->unsent.load(std::memory_order_relaxed);
}

}  // namespace aemp::mesh
