// Roles, masters, and who is told what. global2_messages.cpp handles incoming messages.
#include "mesh/global2.hpp"

#include <algorithm>

#include <aemp/log.hpp>

#include "mesh/elements.hpp"

namespace aemp::mesh {
namespace {

constexpr core::duration first_retry = std::chrono::milliseconds(300);  // and up to as much again
constexpr std::size_t most_retries = 1000;
constexpr core::duration patience = std::chrono::seconds(1);  // for a seed that speaks version 2
// How long the entries of a lost global node stay. In this time its slaves dial another seed and tell that
// one.
constexpr core::duration for_slaves_to_move = std::chrono::seconds(4);
// A master that does not say g_known is believed to know everything after this time.
constexpr core::duration for_silent_masters = std::chrono::seconds(4);
// Bytes. A peer that has more than this to read gets no answers until it has read.
constexpr std::size_t most_unread = std::size_t{1} << 20;

}  // namespace

global2::global2(detail::local_node& node, const settings& s, dice& chance, directory_owner& owner,
                 std::function<void()> changed)
    : node_(node),
      worker_(node.network_worker()),
      settings_(s),
      dice_(chance),
      owner_(owner),
      changed_(std::move(changed)),
      near_gone_(worker_, near_, [this](const core::family_change& c) { on_near_change(c); }),
      all_gone_(
          worker_, all_, [this](const core::family_change& c) { on_all_change(c); }, changed_),
      estates_(
          worker_, all_, [this](const core::family_change& c) { on_all_change(c); }, all_gone_),
      questions_(worker_, settings_.limits.max_registered,
                 {[this](const std::string& family) { return global_ ? &all_.family(family) : nullptr; },
                  [this](std::vector<value> elements) {
                    if (!master_.empty()) send(master_, std::move(elements));
                  }}),
      requests_(
          worker_, [this](const std::string& n, const message& m) { handle_wish(n, m); },
          [this](const std::string& n) { return owner_.unsent(n) > most_unread; }) {}

void global2::start() {
  if (!self_.empty() && self_ != node_.id()) {
    const std::vector<std::string> former{self_};
    change_near("m", "'l", {}, former);
    if (global_) change_near("m", "'g", {{node_.id(), nullptr}}, former);
  }
  self_ = node_.id();
  change_near("m", "'l", {{self_, value_of(owner_.listening_at())}}, {});
}

void global2::send(const std::string& node, std::vector<value> elements) {
  owner_.tell(node, {}, message::of(std::move(elements)));
}

void global2::log(const std::string& node, int level, const std::string& text) {
  node_.report(level, "the database as node " + node + " tells it",
               [&] { return "node " + node + ": " + text; });
}

// ---- roles ----

void global2::become_global(const std::string& why) {
  if (std::exchange(global_, true)) return;
  aemp::log(7, "node " + node_.id() + " is a global node now: " + why);
  // A master that is still connected will tell again what it has, and who else has something.
  const auto ends = master_.empty() ? estates::term::until_known : estates::term::until_told;
  master_.clear();
  knows_ = false;
  patience_.start(worker_, settings_.monitor_timeout, [this] { settle(); });
  std::vector<std::string> nodes;
  for (const auto& [node, p] : peers_) nodes.push_back(node);
  // g_global goes first: without it, a peer treats what a global node says as the words of a stranger.
  for (const std::string& node : nodes) send(node, {"g_global"});
  estates_.open("m", ends);
  change_near("m", "'g", {{node_.id(), nullptr}}, {});
  replace_all({}, near_.merged());
  for (const std::string& node : audience::nodes(audience_.globals())) {
    change_near("m", "'g", {{node, nullptr}}, {});
    tell_near(node, "g_set");
  }
  for (const std::string& node : std::exchange(finds_, {})) find(node);
  questions_.ask_all();
  changed_();
}

void global2::do_without_seed() {
  if (global_ || !master_.empty() || alone_.running()) return;
  alone_.start(worker_, patience, [this] {
    if (master_.empty()) become_global("no seed that is connected speaks version 2");
  });
}

// The order is that of real nodes (aemp-protocol I.5): what this node is, what the seed shall become, and
// then what this node has.
void global2::node_up(const std::string& node, const directory_dialect& speaks) {
  peers_[node].speaks = speaks;
  retries_.erase(node);
  finds_.erase(node);
  if (global_) send(node, {"g_global"});
  if (!owner_.is_seed(node)) return;
  send(node, {"g_slave"});
  if (global_) return;
  send(node, {"g_slave"});
  if (master_.empty() && peers_.contains(node)) take_master(node);
}

// The node was dialled as a seed, but is connected already, by another connection.
void global2::seed_named(const std::string& node) {
  if (!peers_.contains(node) || node == master_) return;
  send(node, {"g_slave"});
  if (!global_ && master_.empty() && peers_.contains(node)) take_master(node);
}

// Takes a copy of the name: sending may end the connection that it belongs to.
void global2::take_master(std::string node) {
  master_ = node;
  knows_ = false;
  answered_.clear();
  const bool says_so = peers_.at(node).speaks.related;
  patience_.start(worker_, says_so ? 2 * settings_.monitor_timeout : for_silent_masters,
                  [this] { believe_master(); });
  node_.report(7, "masters of this node", [&] { return "node " + node + " is the master of " + node_.id(); });
  tell_near(node, "g_slave");
  for (const std::string& wanted : std::set<std::string>(finds_)) send(node, {"g_find", wanted});
  questions_.ask_all();
  for (const std::string& family : node_.registry().wanted()) send(node, {"g_mon1", family});
}

void global2::believe_master() {
  patience_.cancel();
  knows_ = true;
  for (const std::string& family : std::set<std::string>(answered_)) estates_.settle(family);
}

void global2::node_gone(const std::string& node) {
  finds_.erase(node);
  estates_.bury(node);
  const auto found = peers_.find(node);
  if (found == peers_.end()) return keep_globals_connected();
  const bool was_global = audience_.is_global(node);
  audience_.forget(node);
  requests_.forget(node);
  peers_.erase(found);
  if (global_) {
    const std::vector<std::string> gone{node};
    // No other node may know where it is, so this node keeps the addresses that it knows and tries them.
    if (was_global && retries_.size() < most_retries) owner_.learn_addresses(node, addresses(node));
    near_gone_.remove("s" + node);
    estates_.open("g" + node, estates::term::for_a_time, for_slaves_to_move);
    estates_.bury(node);
    change_near("m", "'g", {}, gone);
    change_near("m", "'l", {}, gone);
    if (was_global) {
      try_again(node);
      if (const auto r = retries_.find(node); r != retries_.end()) r->second->was_connected = true;
    }
    keep_globals_connected();
    settle_when_all_told();
  }
  if (node != master_) return;
  master_.clear();
  patience_.cancel();
  estates_.open("m", estates::term::until_known);
  estates_.bury(node);
  for (const auto& [other, p] : peers_) {
    if (owner_.is_seed(other)) return take_master(other);
  }
  node_.report(7, "masters that are lost",
               [&] { return "node " + node_.id() + " has lost its master, and no other seed is connected"; });
}

// ---- changes ----

void global2::near_changed(const std::string& source, const core::family_change& c) {
  change_near(source, c.family, c.set, c.deleted);
}

void global2::near_forget(const std::string& source) { near_gone_.remove(source); }

void global2::retract(const std::string& family, std::vector<std::string> deleted) {
  std::erase_if(deleted, [this](const std::string& key) { return !is_port_of(key, node_.id()); });
  if (!global_ && !deleted.empty()) change_all("m", family, {}, deleted);
}

void global2::change_near(const std::string& owner, const std::string& family,
                          const core::family_content& set, const std::vector<std::string>& deleted) {
  const core::family_change c = near_.update(owner, family, set, deleted);
  if (!c.empty()) on_near_change(c);
}

void global2::on_near_change(const core::family_change& c) {
  if (!global_) {
    if (master_.empty()) return;
    return tell_change(master_, "g_upd", c);
  }
  for (const std::string& node : audience::nodes(audience_.globals())) tell_change(node, "g_upd", c);
  change_all({}, c.family, c.set, c.deleted);
}

void global2::change_all(const std::string& owner, const std::string& family, const core::family_content& set,
                         const std::vector<std::string>& deleted) {
  const core::family_change c = all_.update(owner, family, set, deleted);
  if (!c.empty()) on_all_change(c);
  if (estates_.empty()) return;
  // If the master deletes a key, nobody has it any more. If another source does, only that source has it no
  // more.
  estates_.claim(family, set, owner == "m" ? deleted : std::vector<std::string>());
}

void global2::replace_all(const std::string& owner, const core::families& content) {
  for (const core::family_change& c : all_.replace(owner, content)) on_all_change(c);
  if (estates_.empty()) return;
  for (const auto& [family, keys] : content) estates_.claim(family, keys, {});
}

void global2::on_all_change(const core::family_change& c) {
  if (c.family == last_answer_.family) last_answer_ = {};
  node_.registry().update("2", c.family, c.set, c.deleted);
  for (const std::string& node : audience::nodes(audience_.subscribers(c.family)))
    tell_change(node, "g_chg2", c);
  if (c.family == "'g") {
    keep_globals_connected();
    settle_when_all_told();
  }
  if (c.family == "'l") {
    for (const auto& [node, where] : c.set) {
      if (finds_.contains(node)) find(node);
    }
  }
  changed_();
}

// ---- who knows all ----

bool global2::has_answer(const std::string& family) const {
  if (!global_) return !master_.empty() && answered_.contains(family);
  return std::ranges::any_of(peers_, [](const auto& p) { return p.second.told; });
}

bool global2::is_pending(const std::string& family) const {
  if (alone_.running() || all_gone_.has(family)) return true;
  if (!global_) return !master_.empty() && !answered_.contains(family);
  return std::ranges::any_of(peers_, [this](const auto& p) {
    return !p.second.told && (audience_.is_global(p.first) || owner_.is_seed(p.first));
  });
}

// Whether all known global nodes are connected and have told what they have.
bool global2::have_all_told() const {
  const auto owes = [this](const std::string& node) {
    const auto found = peers_.find(node);
    return found != peers_.end() && !found->second.told;
  };
  const auto is_missing = [this](const auto& entry) {
    return entry.first != node_.id() && !peers_.contains(entry.first);
  };
  return std::ranges::none_of(audience_.globals(), owes) &&
         std::ranges::none_of(all_.family("'g"), is_missing);
}

// Estates stay a little longer: what the other nodes have told may itself come from estates, whose heirs they
// are about to meet.
void global2::settle_when_all_told() {
  if (!global_ || knows_) return;
  if (!have_all_told()) return all_told_.cancel();
  if (std::ranges::any_of(audience_.globals(), [this](const auto& node) { return peers_.at(node).knows; }))
    return settle();
  if (!all_told_.running()) {
    all_told_.start(worker_, for_slaves_to_move, [this] { estates_.settle(estates::term::until_told); });
  }
}

void global2::settle() {
  patience_.cancel();
  knows_ = true;
  estates_.settle(estates::term::until_told);
  estates_.settle(estates::term::until_known);
  std::vector<std::string> nodes;
  for (const auto& [node, p] : peers_) {
    if (p.slave || audience_.is_global(node)) nodes.push_back(node);
  }
  for (const std::string& node : nodes) say_known(node);
}

// Only nodes of this library get g_known; others would take it for an error.
void global2::say_known(const std::string& node) {
  const auto found = peers_.find(node);
  if (knows_ && found != peers_.end() && found->second.speaks.related) send(node, {"g_known"});
}

// ---- lots ----

void global2::tell_near(const std::string& node, const char* tag, std::optional<bookmark> after) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  if (!found->second.speaks.lots) return send(node, {tag, value_of(near_.merged())});
  lot next = next_lot(near_.merged(), std::move(after), found->second.speaks.max_message);
  report_left_out(node, next.left_out);
  std::vector<value> elements{tag, value_of(std::move(next.content))};
  if (next.marks.upto || next.marks.after) elements.push_back(value_of(next.marks.upto));
  if (next.marks.after) elements.push_back(value_of(next.marks.after));
  send(node, std::move(elements));
}

// A slave tells its master a change in the form that slaves of the original use.
void global2::tell_change(const std::string& node, const char* tag, const core::family_change& c) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  const pieces all = in_pieces(c, found->second.speaks.max_message);
  report_left_out(node, all.left_out);
  for (const core::family_change& piece : all.changes) {
    if (global_) {
      send(node, {tag, piece.family, value(piece.set), value_of(piece.deleted)});
    } else {
      std::vector<value> elements{tag, piece.family, piece.set.empty() ? value() : value(piece.set)};
      if (!piece.deleted.empty()) elements.push_back(value_of(piece.deleted));
      send(node, std::move(elements));
    }
  }
}

void global2::report_left_out(const std::string& node, std::size_t keys) {
  if (keys != 0)
    log(node, 1, std::to_string(keys) + " keys of the database are too large for its max_message; left out");
}

// ---- asking ----

void global2::subscribe(const std::string& family) {
  if (!master_.empty()) send(master_, {"g_mon1", family});
}

void global2::unsubscribe(const std::string& family) {
  if (global_) return;
  answered_.erase(family);
  all_gone_.remove("m", family);
  estates_.settle(family);
  if (!master_.empty()) send(master_, {"g_mon0", family});
}

void global2::query(const std::string& family, core::query_kind what,
                    std::function<void(const value&)> answer) {
  questions_.add(family, what, std::move(answer));
}

void global2::find(const std::string& node) {
  if (global_) {
    const std::vector<std::string> where = addresses(node);
    if (where.empty()) {
      if (const auto relays = relays_for(node); !relays.empty()) return owner_.is_behind(node, relays);
      if (finds_.size() < settings_.limits.max_routes) finds_.insert(node);
      return;
    }
    finds_.erase(node);
    return owner_.learn_addresses(node, where);
  }
  if (finds_.size() >= settings_.limits.max_routes || !finds_.insert(node).second) return;
  if (!master_.empty()) send(master_, {"g_find", node});
}

std::vector<std::string> global2::addresses(const std::string& node) const {
  const core::family_content& places = all_.family("'l");
  if (const auto found = places.find(node); found != places.end()) {
    if (auto list = places_of(found->second); list && !list->empty()) return *list;
  }
  return owner_.addresses_of(node);
}

// A global node that has `node` as its slave is connected to it.
std::vector<std::string> global2::relays_for(const std::string& node) const {
  if (near_.has("s" + node, "'l", node)) return {node_.id()};
  std::vector<std::string> relays;
  for (const std::string& other : audience_.globals()) {
    if (other != node && all_.has("g" + other, "'l", node)) relays.push_back(other);
  }
  return relays;
}

// ---- global nodes stay connected ----

void global2::keep_globals_connected() {
  if (!global_) return;
  for (const auto& [node, nothing] : all_.family("'g")) try_again(node);
}

void global2::try_again(const std::string& node) {
  if (node == node_.id() || owner_.is_up(node) || retries_.contains(node)) return;
  if (retries_.size() >= most_retries)
    return log(node, 2, "is not connected to: too many global nodes are missing already");
  retry& r =
      *retries_.emplace(node, std::make_unique<retry>(first_retry + dice_.up_to(first_retry))).first->second;
  r.timer.start(worker_, r.delay, [this, node] { retry_now(node); });
}

// Takes a copy of the name: the timer that calls this may go.
void global2::retry_now(std::string node) {
  const auto found = retries_.find(node);
  if (found == retries_.end()) return;
  if (!global_ || owner_.is_up(node) ||
      (!found->second->was_connected && !all_.family("'g").contains(node))) {
    retries_.erase(found);
    return;
  }
  retry& again = *found->second;
  again.delay = std::min(again.delay * 2, settings_.monitor_timeout);
  again.timer.start(worker_, again.delay, [this, node] { retry_now(node); });
  const std::vector<std::string> where = addresses(node);
  if (where.empty()) return;
  owner_.learn_addresses(node, where);
  owner_.want_connection(node);
}

}  // namespace aemp::mesh
