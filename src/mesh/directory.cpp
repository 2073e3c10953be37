#include "mesh/directory.hpp"

#include <algorithm>

#include <aemp/port.hpp>

#include "mesh/elements.hpp"

namespace aemp::mesh {
namespace {

constexpr core::duration longest_wait = std::chrono::seconds(5);    // monitors wait so long for a first state
constexpr core::duration together = std::chrono::milliseconds(50);  // changes in this time are told together

std::string node_of_port(const std::string& key) { return key.substr(0, key.find('#')); }

}  // namespace

directory::directory(detail::local_node& node, const settings& s, dice& chance, directory_owner& owner)
    : node_(node),
      worker_(node.network_worker()),
      settings_(s),
      owner_(owner),
      two_(node, s, chance, owner, [this] { twos_changed(); }),
      one_(node, s, chance, owner,
           {[this](const std::string& peer, const core::family_change& c) { ones_changed(peer, c); },
            [this](const std::string& peer) { ones_forgotten(peer); }, [this] { look_again(); }}) {
  for (const auto& [family, content] : core::families(node_.registry().own()))
    local_changed({family, content, {}});
  node_.registry().attach(this);
  if (settings_.global_2) node_.functions().offer(global2::messages);
}

directory::~directory() { node_.registry().attach(nullptr); }

void directory::start() {
  started_ = true;
  for (const auto& [family, timer] : waits_) wait_for(family);
  two_.start();
  if (settings_.global) own_seed("its configuration says so");
}

void directory::moved() {
  two_.start();
  one_.moved();
}

void directory::own_seed(const std::string& why) {
  if (settings_.global_2) two_.become_global(why);
}

void directory::node_up(const std::string& node, const directory_dialect& speaks) {
  if (!speaks.version_2 || !settings_.global_2) {
    if (settings_.global_1) {
      if (one_.empty()) speak_for_twos();  // until now there was nobody to tell
      one_.node_up(node, speaks.version_2 && speaks.related);
      twos_changed();
    }
    look_for_master();
    return look_again();
  }
  if (speaks.related) related_.insert(node);
  one_.other_up(node);
  two_.node_up(node, speaks);
  look_again();
}

void directory::node_gone(const std::string& node) {
  related_.erase(node);
  one_.node_gone(node);
  two_.node_gone(node);
  look_for_master();
  look_again();
}

void directory::seed_named(const std::string& node) {
  one_.seed_named(node);
  two_.seed_named(node);
  look_for_master();
}

void directory::look_for_master() {
  if (settings_.global_2 && one_.has_seed()) two_.do_without_seed();
}

bool directory::handle(const std::string& node, const message& m) {
  const value tag = m[0];
  if (!tag.is_text()) return false;
  if (settings_.global_2 && tag.text().starts_with("g_")) {
    two_.handle(node, m);
    look_again();
    return true;
  }
  if (settings_.global_1 && tag.text() == "AnyEvent::MP::_spawn" &&
      m[2] == value("AnyEvent::MP::Global::connect")) {
    one_.spawn(node, m);
    return true;
  }
  return false;
}

void directory::local_changed(const core::family_change& c) {
  two_.retract(c.family, c.deleted);
  two_.near_changed("l", c);
  for (const auto& [key, v] : c.set) {
    if (core::is_port_key(key)) one_.announce(c.family, key);
  }
  for (const std::string& key : c.deleted) {
    if (core::is_port_key(key)) one_.withdraw(c.family, key);
  }
}

// In version 1 every node knows everything, so this node's own registry has the answer.
void directory::query(const std::string& family, core::query_kind what,
                      std::function<void(const value&)> answer) {
  if (settings_.global_2) return two_.query(family, what, std::move(answer));
  const core::families& known = node_.registry().all();
  const auto found = known.find(family);
  answer(core::answer_of(found == known.end() ? core::family_content() : found->second, what));
}

void directory::subscribe(const std::string& family) {
  waits_[family] = std::make_unique<core::own_timer>();
  if (started_) wait_for(family);
  two_.subscribe(family);
}

void directory::unsubscribe(const std::string& family) {
  waits_.erase(family);
  two_.unsubscribe(family);
}

void directory::wait_for(const std::string& family) {
  waits_.at(family)->start(worker_, longest_wait, [this, name = family]() mutable {
    const std::string family = std::move(name);  // reset() destroys this lambda
    waits_.at(family).reset();
    look_again();
  });
}

// Monitors tell their first state when a node has answered for the family. Without an answer, they tell it
// when all seeds have been tried, or after longest_wait.
bool directory::is_known(const std::string& family) const {
  if (const auto found = waits_.find(family); found != waits_.end() && found->second == nullptr) return true;
  if (two_.is_pending(family) || one_.is_pending()) return false;
  return two_.has_answer(family) || one_.has_answer() || !owner_.tries_seeds();
}

// ---- between the versions ----

void directory::ones_changed(const std::string& node, const core::family_change& c) {
  node_.registry().update("1" + node, c.family, c.set, c.deleted);
  two_.near_changed("1" + node, c);
}

void directory::ones_forgotten(const std::string& node) {
  node_.registry().forget("1" + node);
  two_.near_forget("1" + node);
}

void directory::twos_changed() {
  look_again();
  if (!one_.empty() && !soon_.running()) soon_.start(worker_, together, [this] { speak_for_twos(); });
}

// A global node announces to version 1 the ports of all nodes of version 2 whose addresses it knows. The
// other nodes are of version 1 and speak for themselves.
void directory::speak_for_twos() {
  std::set<member> now;
  std::set<std::string> reachable;
  if (two_.is_global()) {
    const auto places = two_.known().find("'l");
    for (const auto& [family, content] : two_.known()) {
      if (family.starts_with("'") || places == two_.known().end()) continue;
      for (const auto& [key, v] : content) {
        if (!core::is_port_key(key)) continue;
        const std::string node = node_of_port(key);
        if (node != node_.id() && !one_.has(node) && places->second.contains(node)) now.emplace(family, key);
      }
    }
    for (const std::string& node : related_) {
      if (places == two_.known().end()) break;
      const auto where = places->second.find(node);
      if (where == places->second.end()) continue;
      const auto list = places_of(where->second);
      if (!list || list->empty()) continue;
      reachable.insert(node);
      one_.introduce(node, *list);
    }
  }
  for (const std::string& node : introduced_) {
    if (!reachable.contains(node)) one_.introduce(node, {});
  }
  introduced_ = std::move(reachable);
  for (const member& m : spoken_for_) {
    if (!now.contains(m)) one_.withdraw(m.first, m.second);
  }
  for (const member& m : now) {
    if (!spoken_for_.contains(m)) one_.announce(m.first, m.second);
  }
  spoken_for_ = std::move(now);
}

}  // namespace aemp::mesh
