#include "sim/inhabitant.hpp"

#include <algorithm>
#include <utility>

#include "sim/transport.hpp"

namespace aemp::sim {
namespace {

// The poller of a worker in a world. It does not sleep; the worker just waits for its turn.
class bell final : public core::poller {
 public:
  bell(turns& all, seat& of) noexcept : turns_(all), seat_(of) {}
  bool poll() override { return false; }
  void wait(std::optional<core::time_point>) override {}
  void wake() noexcept override { turns_.call(seat_); }

 private:
  turns& turns_;
  seat& seat_;
};

}  // namespace

seat::seat(turns& all, inhabitant& of, unsigned worker)
    : all(all), of(of), worker(worker), number(++all.seats_made) {}

seat::~seat() {
  std::erase(all.called, this);
  all.alarms.remove(alarm);
}

void turns::call(seat& s) {
  if (s.of.over() || std::exchange(s.called, true)) return;
  called.push_back(&s);
}

void turns::ring(core::time_point now) {
  while (const auto* const next = alarms.due(now)) {
    seat& s = *next->what;
    alarms.remove(s.alarm);
    call(s);
  }
}

// Gives access to a node's core.
class inhabitant::reachable_node final : public node {
 public:
  reachable_node(config settings, environment& where) : node(std::move(settings), where) {}
  detail::local_node& core() { return *core_; }
};

inhabitant::inhabitant(const clock& worlds, network& net, turns& all, chance luck, const std::string& host,
                       config settings)
    : process(net.start_process(host)),
      time(worlds),
      turns_(all),
      net_(net),
      luck_(luck),
      where_{time,
             [this](unsigned worker, bool) { return std::make_unique<bell>(turns_, seat_of(worker)); },
             [this](core::worker&) { return std::make_unique<transport>(net_, process); },
             [this](std::span<std::byte> bytes) { luck_.fill(bytes); },
             {},
             "this node lives in a simulated world; run it with world::run_for or world::run_until"} {
  node_ = std::make_unique<reachable_node>(std::move(settings), where_);
  process->on_post = [this] { turns_.call(seat_of(node_->core().network_worker().index())); };
  call_all();
}

inhabitant::~inhabitant() { process->on_post = nullptr; }

seat& inhabitant::seat_of(unsigned worker) {
  while (seats_.size() <= worker)
    seats_.push_back(std::make_unique<seat>(turns_, *this, static_cast<unsigned>(seats_.size())));
  return *seats_[worker];
}

node& inhabitant::self() const noexcept { return *node_; }

core::worker& inhabitant::worker(const seat& s) const { return node_->core().worker(s.worker); }

bool inhabitant::serves_network(const seat& s) const {
  return node_->core().network_worker().index() == s.worker;
}

void inhabitant::call_all() {
  for (const auto& s : seats_) turns_.call(*s);
}

void inhabitant::set_pace(core::duration between_turns) {
  pace_ = between_turns;
  for (const auto& s : seats_) s->rests_until = core::later(time.now(), pace_);
  call_all();
}

// A node that was stopped does nothing more, as after run() has returned.
void inhabitant::leave() {
  left_ = true;
  for (const auto& s : seats_) turns_.alarms.remove(s->alarm);
  node_->core().leave();
}

void inhabitant::turn(seat& s) {
  if (left_) return;
  if (worker(s).is_stopping()) return leave();
  if (pace_ != core::duration::zero() && time.now() < s.rests_until) {
    const bool frozen = s.rests_until == core::time_point::max();
    turns_.alarms.put(s.alarm, frozen ? std::nullopt : std::optional(s.rests_until), luck_, s.number, &s);
    return;
  }
  s.rests_until = core::later(time.now(), pace_);
  core::worker& w = worker(s);
  bool more = w.turn();
  if (serves_network(s)) {
    const bool heard = [&] {
      const core::worker::scope here(w);
      return process->poll();
    }();
    if (heard) more = w.turn();
    more = more || !process->callbacks.empty();
  }
  if (more || !w.rest_until_woken()) turns_.call(s);
  turns_.alarms.put(s.alarm, w.next_deadline(), luck_, s.number, &s);
}

}  // namespace aemp::sim
