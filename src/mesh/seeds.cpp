#include "mesh/seeds.hpp"

#include <algorithm>

#include "core/local_node.hpp"
#include "mesh/internal_error.hpp"

namespace aemp::mesh {
namespace {

constexpr core::duration first_delay = std::chrono::milliseconds(100);  // at most
constexpr core::duration shortest_interval = std::chrono::seconds(1);
constexpr core::duration interval_spread = std::chrono::seconds(1);

}  // namespace

seeds::seeds(core::worker& worker, net::transport& network, const settings& s, dice& chance, const peers& all,
             const backoff& pauses, seed_owner& owner)
    : worker_(worker),
      network_(network),
      settings_(s),
      chance_(chance),
      peers_(all),
      backoff_(pauses),
      owner_(owner) {
  for (const place& p : s.seeds) {
    if (const auto numeric = net::canonical_address(p.host)) {
      const net::endpoint at{*numeric, p.port};
      if (find(at) == nullptr) list_.push_back({at});
    } else if (find(p.str()) == nullptr) {
      names_.push_back({p});
    }
  }
}

void seeds::start() {
  if (std::exchange(started_, true)) return;
  for (seed& s : list_) begin(s);
  for (const name& n : names_) {
    n.timer->start(worker_, chance_.up_to(first_delay), [this, where = n.where.str()] { ask(where, {}); });
  }
  schedule();
}

void seeds::begin(seed& s) {
  s.timer->start(worker_, chance_.up_to(first_delay), [this, at = s.at] { dial(at); });
}

void seeds::add_masters(const std::vector<net::endpoint>& places) {
  for (const net::endpoint& e : places) {
    const bool known = find(e) != nullptr;
    if (!known) list_.push_back({e});
    find(e)->master = true;
    if (started_ && !known) begin(*find(e));
  }
  if (started_) schedule();
}

bool seeds::misses_master() const {
  return std::ranges::any_of(list_, [this](const seed& s) { return s.master && !is_up(s); });
}

seeds::seed* seeds::find(const net::endpoint& at) {
  const auto found = std::find_if(list_.begin(), list_.end(), [&](const seed& s) { return s.at == at; });
  return found == list_.end() ? nullptr : &*found;
}

seeds::name* seeds::find(const std::string& where) {
  const auto found = std::ranges::find_if(names_, [&](const name& n) { return n.where.str() == where; });
  return found == names_.end() ? nullptr : &*found;
}

bool seeds::has_address(const name& n) const {
  return std::ranges::any_of(list_, [&](const seed& s) { return s.name == n.where.str(); });
}

void seeds::schedule() {
  if (list_.empty() && names_.empty()) return;
  const auto n = static_cast<core::duration::rep>(
      peers_.up_count() == 0 || misses_master() ? 1 : std::max<std::size_t>(peers_.size(), 1));
  const core::duration interval = settings_.connect_interval * n - chance_.up_to(interval_spread);
  schedule(std::max(interval, shortest_interval));
}

void seeds::schedule(core::duration delay) {
  timer_.start(worker_, delay, [this] {
    schedule();
    dial_any();
  });
}

core::duration seeds::wait_for(const seed& s) const {
  return s.node.empty() ? core::duration(0) : backoff_.wait_for(s.node, worker_.now());
}

void seeds::dial_any() {
  std::vector<const seed*> idle;
  for (const seed& s : list_) {
    if (!s.trying && !is_up(s) && wait_for(s) == core::duration(0)) idle.push_back(&s);
  }
  std::vector<std::string> unknown;
  for (const name& n : names_) {
    if (!has_address(n)) unknown.push_back(n.where.str());
  }
  if (idle.empty() && unknown.empty()) return;
  const std::size_t which = chance_.below(idle.size() + unknown.size());
  if (which >= idle.size()) return ask(unknown[which - idle.size()], {});
  const net::endpoint at = idle[which]->at;
  if (idle[which]->name.empty()) return dial(at);
  ask(std::string(idle[which]->name), at);
}

void seeds::dial(const net::endpoint& at) {
  seed* s = find(at);
  if (s == nullptr || s->trying) return;
  s->trying = true;
  s->timer->start(worker_, settings_.monitor_timeout, [this, at] {
    seed* late = find(at);
    if (late == nullptr || late->attempt == nullptr) return;
    late->attempt.reset();
    failed(*late, "no answer");
  });
  enter(at, [&] { call(*s); });
}

void seeds::call(seed& s) {
  s.attempt = network_.dial(s.at, [this, at = s.at](result<std::unique_ptr<net::stream>> outcome) {
    enter(at, [&] { dialled(at, std::move(outcome)); });
  });
}

void seeds::dialled(const net::endpoint& at, result<std::unique_ptr<net::stream>> outcome) {
  seed* s = find(at);
  if (s == nullptr) return;
  s->timer->cancel();
  s->attempt.reset();
  if (!outcome) return failed(*s, outcome.error().name + ": " + outcome.error().text);
  owner_.seed_dialled(at, std::move(*outcome));
}

// The door (docs/architecture.md): an exception in `f` ends this attempt.
template <class F>
void seeds::enter(const net::endpoint& at, F&& f) {
  if (worker_.enter("an attempt to connect to a seed", f)) return;
  seed* s = find(at);
  if (s == nullptr || !s->trying) return;
  s->timer->cancel();
  s->attempt.reset();
  failed(*s, "internal_error: an exception in this node, which its log shows");
}

// ---- names ----

// A lookup takes one of the resolver's few threads for as long as it lasts. So a name is not looked up twice
// at a time; meanwhile its old addresses are good enough.
void seeds::ask(const std::string& where, const std::optional<net::endpoint>& then) {
  name* n = find(where);
  if (n == nullptr) return;
  if (n->question != nullptr) {
    if (then) dial(*then);
    return;
  }
  n->timer->start(worker_, settings_.monitor_timeout, [this, where] {
    answered(where, {},
             error{"unresolvable", "the name server does not answer; look whether it is up, and " +
                                       std::string("what /etc/resolv.conf says")});
  });
  const auto tell = [this, where, then](const result<std::vector<net::endpoint>>& found) {
    if (worker_.enter("a name that was looked up", [&] { answered(where, then, found); })) return;
    if (name* asked = find(where)) asked->question.reset();
  };
  if (worker_.enter("a name to look up",
                    [&] { n->question = network_.resolve(n->where.host, n->where.port, tell); }))
    return;
  not_found(*n, internal_error());
}

void seeds::answered(const std::string& where, const std::optional<net::endpoint>& then,
                     const result<std::vector<net::endpoint>>& found) {
  name* n = find(where);
  const std::unique_ptr<net::attempt> over = std::move(n->question);
  n->timer->cancel();
  if (!found) {
    not_found(*n, found.error());
    if (then) dial(*then);
    return;
  }
  n->failure.clear();
  const std::vector<net::endpoint> fresh = take_over(*n, *found);
  for (const net::endpoint& e : fresh) dial(e);
  if (fresh.empty() && then) dial(*then);
}

void seeds::not_found(name& n, const error& why) {
  const int level = n.failure.empty() ? 2 : 7;
  n.failure = why.name + ": " + why.text;
  worker_.node().report(level, "seed " + n.where.str(), [&] {
    return "seed " + n.where.str() + ": " + n.failure + "; it is looked up again at each attempt";
  });
  complain();
  owner_.seed_failed();
}

// Forgets addresses that the name has no more, unless they are in use. Returns those that are new.
std::vector<net::endpoint> seeds::take_over(const name& n, const std::vector<net::endpoint>& addresses) {
  const std::string where = n.where.str();
  std::erase_if(list_, [&](const seed& s) {
    return s.name == where && !s.trying && !s.master && !is_up(s) && !std::ranges::count(addresses, s.at);
  });
  std::vector<net::endpoint> fresh;
  for (const net::endpoint& e : addresses) {
    if (find(e) != nullptr || std::ranges::count(myself_, e) != 0) continue;
    list_.push_back({e, where});
    fresh.push_back(e);
  }
  return fresh;
}

void seeds::named(const net::endpoint& at, const std::string& node) {
  if (seed* s = find(at)) s->node = node;
}

void seeds::ended(const net::endpoint& at, const error& why) {
  seed* s = find(at);
  if (s == nullptr) return;
  if (is_up(*s)) {  // over another connection, or over this one, which is up
    s->trying = false;
    s->failure.clear();
    complained_ = false;
    return;
  }
  failed(*s, why.name + ": " + why.text);
}

void seeds::is_myself(const net::endpoint& at) {
  std::erase_if(list_, [&](const seed& s) { return s.at == at; });
  if (std::ranges::count(myself_, at) == 0) myself_.push_back(at);
  aemp::log(8, "seed " + at.str() + " is this node itself; it is not tried any more");
  owner_.seed_failed();
}

void seeds::failed(seed& s, std::string why) {
  s.trying = false;
  s.failure = std::move(why);
  worker_.node().report(7, "seed " + s.at.str(), [&] {
    return "seed " + (s.name.empty() ? "" : s.name + " at ") + s.at.str() + ": " + s.failure;
  });
  complain();
  owner_.seed_failed();
}

// A node that cannot reach anybody logs one line that people see, and the next one only after it has found
// somebody.
void seeds::complain() {
  if (complained_ || peers_.up_count() != 0) return;
  std::string text;
  for (const seed& s : list_) {
    if (s.failure.empty()) return;
    text += (text.empty() ? "" : "; ") + s.at.str() + " (" + s.failure + ")";
  }
  for (const name& n : names_) {
    if (has_address(n)) continue;
    if (n.failure.empty()) return;
    text += (text.empty() ? "" : "; ") + n.where.str() + " (" + n.failure + ")";
  }
  complained_ = true;
  aemp::log(2, "no contact to any other node: no seed answers; trying on: " + text);
}

bool seeds::is_seed(const std::string& node) const {
  return std::any_of(list_.begin(), list_.end(), [&](const seed& s) { return s.node == node; });
}

bool seeds::trying() const {
  const auto is_looked_up = [this](const name& n) { return n.failure.empty() && !has_address(n); };
  return std::ranges::any_of(names_, is_looked_up) || std::ranges::any_of(list_, [&](const seed& s) {
           return s.failure.empty() && !is_up(s) && (s.trying || s.node.empty());
         });
}

// Many nodes may have lost the same one at this moment, so each waits for a random time before it dials.
void seeds::node_lost() {
  if (!started_ || (list_.empty() && names_.empty()) || (peers_.up_count() != 0 && !misses_master())) return;
  core::duration soonest = settings_.connect_interval;
  for (const seed& s : list_) {
    if (!is_up(s)) soonest = std::min(soonest, wait_for(s));
  }
  schedule(soonest > core::duration(0) ? soonest : chance_.up_to(settings_.connect_interval));
}

}  // namespace aemp::mesh
