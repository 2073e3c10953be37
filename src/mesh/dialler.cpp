#include "mesh/dialler.hpp"

#include <algorithm>

namespace aemp::mesh {
namespace {

constexpr core::duration first_delay = std::chrono::milliseconds(50);  // at most
constexpr core::duration shortest_interval = std::chrono::milliseconds(400);

}  // namespace

// A place to dial. A host name becomes one target per address when it is resolved.
struct dialler::target {
  enum class state { idle, busy, shaking_hands };

  place where;
  std::string through = {};         // instead of a place: the node that is to pass a circuit on
  std::optional<net::endpoint> at;  // empty: a name that is not resolved yet
  state now = state::idle;
  std::unique_ptr<net::attempt> attempt;
  std::string outcome = "not tried yet";

  std::string str() const { return through.empty() ? where.str() : "through node " + through; }
};

dialler::dialler(core::worker& worker, net::transport& network, const settings& s, dice& chance,
                 callbacks tell, core::duration wait)
    : worker_(worker),
      network_(network),
      settings_(s),
      chance_(chance),
      tell_(std::move(tell)),
      not_before_(worker.now() + wait) {
  limit_timer_.start(worker_, settings_.monitor_timeout, [this] { give_up(); });
}

dialler::~dialler() = default;

void dialler::add(const std::vector<place>& places) {
  std::vector<std::unique_ptr<target>> fresh;
  for (const place& p : places) {
    const bool known =
        std::any_of(targets_.begin(), targets_.end(), [&](const auto& t) { return t->where == p; });
    if (known) continue;
    auto t = std::make_unique<target>();
    t->where = p;
    if (const auto numeric = net::canonical_address(p.host)) t->at = net::endpoint{*numeric, p.port};
    fresh.push_back(std::move(t));
  }
  if (fresh.empty()) return;
  const bool was_empty = targets_.empty();
  targets_.insert(targets_.begin(), std::make_move_iterator(fresh.begin()),
                  std::make_move_iterator(fresh.end()));
  next_ = 0;
  if (was_empty) schedule_first(chance_.up_to(first_delay));
}

void dialler::add(const std::vector<net::endpoint>& endpoints) {
  std::vector<place> places;
  for (const net::endpoint& e : endpoints) places.push_back({e.host, e.port});
  add(places);
}

void dialler::add_way(const std::string& through) {
  if (std::ranges::any_of(targets_, [&](const auto& t) { return t->through == through; })) return;
  auto t = std::make_unique<target>();
  t->through = through;
  targets_.push_back(std::move(t));
  if (targets_.size() == 1) schedule_first(core::duration(0));
}

void dialler::way_is_open(const std::string& through) {
  if (waits()) return;
  for (const auto& t : targets_) {
    if (t->through == through && t->now == target::state::idle) return begin(*t);
  }
}

core::duration dialler::interval() {
  const auto n = static_cast<core::duration::rep>(std::max<std::size_t>(targets_.size(), 1));
  const core::duration share = (settings_.monitor_timeout - settings_.connect_interval) / n;
  const core::duration plain = std::max(std::min(settings_.connect_interval, share), shortest_interval);
  return plain - chance_.up_to(plain / 10);
}

void dialler::schedule(core::duration delay) {
  attempt_timer_.start(worker_, delay, [this] { turn(); });
}

void dialler::schedule_first(core::duration delay) { schedule(std::max(delay, not_before_ - worker_.now())); }

void dialler::turn() {
  schedule(interval());
  if (next_ >= targets_.size()) next_ = 0;
  begin(*targets_[next_++]);
}

void dialler::begin(target& t) {
  // A handshake that is under way gets its time. An attempt that hangs is made anew, because the kernel
  // repeats it at ever longer intervals.
  if (t.now == target::state::shaking_hands) return;
  t.now = target::state::busy;
  enter(t, [&] {
    if (!t.through.empty()) {
      dial_through(t);
    } else if (t.at) {
      dial(t);
    } else {
      resolve(t);
    }
  });
}

// `f` may destroy this object and `t`, but then it must not throw.
template <class F>
void dialler::enter(target& t, F&& f) {
  if (worker_.enter("an attempt to connect", f)) return;
  t.now = target::state::idle;
  t.outcome = "internal_error: an exception in this node, which its log shows";
}

void dialler::dial(target& t) {
  t.outcome = "no answer";
  t.attempt = network_.dial(*t.at, [this, &t](result<std::unique_ptr<net::stream>> dialled) {
    enter(t, [&] { dialled_to(t, std::move(dialled)); });
  });
}

void dialler::dialled_to(target& t, result<std::unique_ptr<net::stream>> dialled) {
  if (!dialled) {
    t.now = target::state::idle;
    t.outcome = dialled.error().name + ": " + dialled.error().text;
    return;
  }
  t.now = target::state::shaking_hands;
  t.outcome = "the handshake did not come to an end";
  tell_.stream(*t.at, std::move(*dialled));
}

void dialler::dial_through(target& t) {
  auto opened = tell_.through(t.through);
  if (!opened) {
    t.now = target::state::idle;
    t.outcome = opened.error().name + ": " + opened.error().text;
    return;
  }
  t.at = *opened;
  t.now = target::state::shaking_hands;
  t.outcome = "the handshake did not come to an end";
}

void dialler::resolve(target& t) {
  t.outcome = "the name server did not answer";
  t.attempt = network_.resolve(
      t.where.host, t.where.port,
      [this, &t](result<std::vector<net::endpoint>> found) { enter(t, [&] { resolved(t, found); }); });
}

void dialler::resolved(target& t, const result<std::vector<net::endpoint>>& found) {
  t.now = target::state::idle;
  if (!found) {
    t.outcome = found.error().name + ": " + found.error().text;
    return;
  }
  std::vector<std::unique_ptr<target>> fresh;
  for (const net::endpoint& e : *found) {
    if (std::ranges::any_of(targets_, [&](const auto& other) { return other->at == e; })) continue;
    fresh.push_back(std::make_unique<target>());
    fresh.back()->where = {e.host, e.port};
    fresh.back()->at = e;
  }
  // The addresses take the name's place in the circle, and the first is dialled at once, because it is the
  // name's turn. Nothing may throw after reserve(), because `t` is destroyed.
  targets_.reserve(targets_.size() + fresh.size());
  const auto here = std::ranges::find_if(targets_, [&](const auto& other) { return other.get() == &t; });
  const auto position = here - targets_.begin();
  const bool any = !fresh.empty();
  targets_.erase(here);
  targets_.insert(targets_.begin() + position, std::make_move_iterator(fresh.begin()),
                  std::make_move_iterator(fresh.end()));
  next_ = static_cast<std::size_t>(position);
  if (any) begin(*targets_[next_++]);
}

void dialler::ended(const net::endpoint& at, const error& why) {
  for (const auto& t : targets_) {
    if (t->at != at || t->now != target::state::shaking_hands) continue;
    t->now = target::state::idle;
    t->outcome = why.name + ": " + why.text;
  }
}

std::string dialler::outcomes() const {
  std::string text;
  for (const auto& t : targets_) text += (text.empty() ? "" : "; ") + t->str() + ": " + t->outcome;
  return text;
}

void dialler::give_up() {
  // The callback may destroy this object, so this calls a copy.
  const auto tell = tell_.gave_up;
  tell(outcomes());
}

}  // namespace aemp::mesh
