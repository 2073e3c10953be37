// The loop: every worker with something to do gets turns until nobody has anything left to do. Then one thing
// happens in the network; and when nothing can happen there, time moves to the next moment at which something
// will.
#include "sim/world.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sim/clock.hpp"
#include "sim/connection.hpp"
#include "sim/inhabitant.hpp"
#include "sim/network.hpp"

namespace aemp::sim {
namespace {

constexpr const char* shared_secret = "the secret of the simulated world";

// How much may happen without any time passing: busy rounds with a thousand messages or so each, and single
// events of the network. That is far more than anything needs that comes to rest, and is over in seconds.
constexpr int most_busy_rounds = 10'000;
constexpr int most_events = 1'000'000;

}  // namespace

struct world::parts {
  parts(std::uint64_t seed, network_settings settings, chooser* next)
      : luck(seed), net(time, luck.next(), settings), next(next) {}

  inhabitant& of(const node& n, const char* call);
  void call_everybody();
  bool take_turns();
  bool something_happens();
  std::optional<core::time_point> next_moment() const;
  bool run(core::time_point until, const std::function<bool()>& reached);

  clock time;
  chance luck;
  network net;
  chooser* const next;  // null: in time
  turns waiting;
  std::vector<std::unique_ptr<inhabitant>> nodes;
  bool running = false;
};

// Calls from outside, between runs, may give a node something to do without announcing it, so every worker is
// called.
void world::parts::call_everybody() {
  for (const auto& n : nodes) n->call_all();
}

// Gives a turn to everybody who has been called by now. Returns whether somebody is called again.
bool world::parts::take_turns() {
  std::vector<seat*> order = std::exchange(waiting.called, {});
  std::sort(order.begin(), order.end(), [](const seat* a, const seat* b) { return a->number < b->number; });
  if (next == nullptr) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[luck.below(i)]);
  }
  for (seat* s : order) {
    s->called = false;
    s->of.turn(*s);
  }
  return !waiting.called.empty();
}

bool world::parts::something_happens() {
  if (next == nullptr) return net.step();
  if (net.expire()) return true;
  const std::vector<choice> offered = net.choices();
  if (offered.empty()) return false;
  net.take(next->choose(offered));
  return true;
}

std::optional<core::time_point> world::parts::next_moment() const {
  const std::optional<core::time_point> event = net.next_event();
  const auto* const alarm = waiting.alarms.first();
  if (alarm == nullptr) return event;
  return event ? std::min(*event, alarm->when) : alarm->when;
}

bool world::parts::run(core::time_point until, const std::function<bool()>& reached) {
  if (std::exchange(running, true)) {
    throw std::logic_error("sim::world: it is running already; a handler cannot make time pass");
  }
  struct mark {
    bool& running;
    ~mark() { running = false; }
  } unmark{running};

  call_everybody();
  int busy = 0;
  int events = 0;
  for (;;) {
    const bool more = take_turns();
    if (reached()) return true;
    if (busy > most_busy_rounds || events > most_events) {
      throw std::runtime_error(
          "sim::world: the nodes do not come to rest while time stands still; look for ports that send each "
          "other messages "
          "for ever, or nodes that connect for ever, and let them wait in between");
    }
    if (more) {
      ++busy;
    } else if (something_happens()) {
      ++events;
    } else {
      const auto moment = next_moment();
      if (!moment || *moment > until) break;
      if (*moment > time.now())
        busy = events = 0;
      else
        ++busy;
      time.advance_to(*moment);
      waiting.ring(time.now());
    }
  }
  time.advance_to(until);
  return false;
}

world::world(std::uint64_t seed, network_settings settings) {
  settings.scheduled = false;
  parts_ = std::make_unique<parts>(seed, settings, nullptr);
}

world::world(chooser& next, network_settings settings) {
  settings.scheduled = true;
  parts_ = std::make_unique<parts>(0, settings, &next);
}

world::~world() {
  for (auto& n : parts_->nodes) {
    parts_->net.kill(*n->process, false);
    n.reset();
  }
}

node& world::make_node(const std::string& host, config settings) {
  if (settings.workers == 0u) {
    throw std::invalid_argument(
        "sim::world::make_node: as many workers as the machine has cores would be another run on another "
        "machine; give config::workers a number");
  }
  if (!settings.secret && settings.cert.empty()) settings.secret = shared_secret;
  const bool networked = settings.binds.given() || settings.seeds.given();
  if (networked && settings.nodeid.empty() && settings.profile.empty()) settings.nodeid = host + "/";
  auto& p = *parts_;
  p.nodes.push_back(
      std::make_unique<inhabitant>(p.time, p.net, p.waiting, p.luck.fork(), host, std::move(settings)));
  return p.nodes.back()->self();
}

void world::add_host(const std::string& name, std::vector<std::string> addresses) {
  parts_->net.add_host(name, std::move(addresses));
}

inhabitant& world::parts::of(const node& n, const char* call) {
  if (running)
    throw std::logic_error(std::string("sim::world::") + call + ": call it between runs, not from a handler");
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const auto& one) { return &one->self() == &n; });
  if (found == nodes.end())
    throw std::invalid_argument(std::string("sim::world::") + call +
                                ": this node is not of this world, or dead");
  return **found;
}

void world::kill(node& n, death how) {
  inhabitant& victim = parts_->of(n, "kill");
  auto& nodes = parts_->nodes;
  if (how == death::vanish) {
    const host* const on = victim.process->on;
    const auto all =
        std::count_if(nodes.begin(), nodes.end(), [&](const auto& one) { return one->process->on == on; });
    if (all != 1) {
      throw std::invalid_argument("sim::world::kill: other nodes live on '" + on->name +
                                  "'; a machine vanishes with everything on it, so kill those first");
    }
  }
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const auto& one) { return one.get() == &victim; });
  const std::unique_ptr<inhabitant> dying = std::move(*found);
  nodes.erase(found);
  parts_->net.kill(*dying->process, how == death::vanish);
}

void world::freeze(node& n) { parts_->of(n, "freeze").set_pace(core::duration::max()); }

void world::thaw(node& n) { parts_->of(n, "thaw").set_pace({}); }

void world::slow_down(node& n, std::chrono::nanoseconds between_turns) {
  parts_->of(n, "slow_down").set_pace(between_turns);
}

void world::set_descriptors(node& n, std::size_t most) {
  process& p = *parts_->of(n, "set_descriptors").process;
  p.most_descriptors = most;
  p.accept_again();
}

void world::step_calendar(node& n, std::chrono::nanoseconds by) {
  parts_->of(n, "step_calendar").time.step(std::chrono::duration<double>(by).count());
}

bool world::run_until(const std::function<bool()>& reached, std::chrono::nanoseconds at_most) {
  return parts_->run(parts_->time.now() + at_most, reached);
}

void world::run_for(std::chrono::nanoseconds time) {
  parts_->run(parts_->time.now() + time, [] { return false; });
}

void world::settle() { run_for({}); }

std::chrono::nanoseconds world::elapsed() const { return parts_->time.elapsed(); }

void world::partition(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  parts_->net.partition(one, other);
}

void world::heal() { parts_->net.heal(); }

void world::cut(const std::string& one, const std::string& other) { parts_->net.cut(one, other); }

void world::set_name(const std::string& name, std::vector<std::string> addresses) {
  parts_->net.set_name(name, std::move(addresses));
}

void world::silence_name_server(bool silent) { parts_->net.silence_name_server(silent); }

void world::set_link(const std::string& from, const std::string& to, link l) {
  parts_->net.set_link(from, to, l);
}

void world::trace_to(std::function<void(std::string_view)> sink) { parts_->net.trace_to(std::move(sink)); }

std::size_t world::connection_count() const { return parts_->net.connection_count(); }

std::uint64_t world::bytes_carried() const { return parts_->net.carried().bytes; }

std::uint64_t world::events_carried() const { return parts_->net.carried().events; }

}  // namespace aemp::sim
