#include "mesh/seeds.hpp"

#include <algorithm>

#include "core/local_node.hpp"

namespace aemp::mesh {
namespace {

constexpr core::duration first_delay = std::chrono::milliseconds(100);  // at most
constexpr core::duration shortest_interval = std::chrono::seconds(1);
constexpr core::duration interval_spread = std::chrono::seconds(1);

}  // namespace

seeds::seeds(core::worker& worker, net::transport& network, const settings& s, dice& chance,
             seed_owner& owner)
    : worker_(worker), network_(network), settings_(s), chance_(chance), owner_(owner) {
  for (const net::endpoint& e : s.seeds) {
    if (find(e) == nullptr) list_.push_back({e});
  }
}

void seeds::start() {
  if (std::exchange(started_, true)) return;
  for (seed& s : list_) begin(s);
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

void seeds::schedule() {
  if (list_.empty()) return;
  const auto n = static_cast<core::duration::rep>(
      owner_.up_count() == 0 || misses_master() ? 1 : std::max<std::size_t>(owner_.known_count(), 1));
  const core::duration interval = settings_.connect_interval * n - chance_.up_to(interval_spread);
  timer_.start(worker_, std::max(interval, shortest_interval), [this] {
    schedule();
    dial_any();
  });
}

void seeds::dial_any() {
  std::vector<const seed*> idle;
  for (const seed& s : list_) {
    if (!s.trying && !is_up(s)) idle.push_back(&s);
  }
  if (idle.empty()) return;
  const net::endpoint at = idle[chance_.below(idle.size())]->at;
  dial(at);
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
  s->attempt = network_.dial(at, [this, at](result<std::unique_ptr<net::stream>> dialled) {
    seed* asked = find(at);
    if (asked == nullptr) return;
    asked->timer->cancel();
    asked->attempt.reset();
    if (!dialled) return failed(*asked, dialled.error().name + ": " + dialled.error().text);
    owner_.seed_dialled(at, std::move(*dialled));
  });
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
  aemp::log(8, "seed " + at.str() + " is this node itself; it is not tried any more");
  owner_.seed_failed();
}

void seeds::failed(seed& s, std::string why) {
  s.trying = false;
  s.failure = std::move(why);
  worker_.node().report(7, "seed " + s.at.str(), [&] { return "seed " + s.at.str() + ": " + s.failure; });
  complain();
  owner_.seed_failed();
}

// A node without any contact is worth one line that people see, until it has found somebody.
void seeds::complain() {
  if (complained_ || owner_.up_count() != 0) return;
  std::string text;
  for (const seed& s : list_) {
    if (s.failure.empty()) return;
    text += (text.empty() ? "" : "; ") + s.at.str() + " (" + s.failure + ")";
  }
  complained_ = true;
  aemp::log(2, "no contact to any other node: no seed answers; trying on: " + text);
}

bool seeds::is_seed(const std::string& node) const {
  return std::any_of(list_.begin(), list_.end(), [&](const seed& s) { return s.node == node; });
}

bool seeds::trying() const {
  return std::ranges::any_of(
      list_, [&](const seed& s) { return s.failure.empty() && !is_up(s) && (s.trying || s.node.empty()); });
}

void seeds::node_lost() {
  if (started_ && (owner_.up_count() == 0 || misses_master())) dial_any();
}

}  // namespace aemp::mesh
