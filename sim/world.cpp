// The loop: everybody gets a turn until nobody has anything left to do, then one thing happens in the
// network, and when nothing can happen there, time moves to the next moment at which something will.
#include "sim/world.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "api/environment.hpp"
#include "core/local_node.hpp"
#include "sim/clock.hpp"
#include "sim/connection.hpp"
#include "sim/network.hpp"
#include "sim/transport.hpp"

namespace aemp::sim {
namespace {

constexpr const char* shared_secret = "the secret of the simulated world";

// What may happen without any time passing: a thousand messages or so in each busy round, and single events
// of the network. Far more than anything needs that comes to rest, and over in seconds.
constexpr int most_busy_rounds = 10'000;
constexpr int most_events = 1'000'000;

// The world turns the worker, so it never gets here to sleep.
class no_sleep final : public core::poller {
 public:
  bool poll() override { return false; }
  void wait(std::optional<core::time_point>) override {}
  void wake() noexcept override {}
};

// The way to a node's core.
class inhabitant final : public node {
 public:
  inhabitant(config settings, environment& where) : node(std::move(settings), where) {}
  core::worker& worker() { return core_->worker(0); }
};

struct member {
  member(clock& time, network& net, chance luck, const std::string& host)
      : net(net),
        luck(luck),
        process(net.start_process(host)),
        where{time,
              [](unsigned, bool) { return std::make_unique<no_sleep>(); },
              [this](core::worker&) { return std::make_unique<transport>(this->net, process); },
              [this](std::span<std::byte> bytes) { this->luck.fill(bytes); },
              {},
              "this node lives in a simulated world; run it with world::run_for or world::run_until"} {}

  // Whether there is more to do. A node that was stopped does nothing more, as when run() has returned.
  bool turn() {
    core::worker& w = self->worker();
    if (has_left) return false;
    if (w.is_stopping()) {
      has_left = true;
      w.node().leave();
      return false;
    }
    bool busy = w.turn();
    bool heard = false;
    {
      core::worker::scope here(w);
      heard = process->poll();
    }
    if (heard) busy = w.turn();
    return busy || w.is_stopping() || !process->callbacks.empty();
  }

  network& net;
  chance luck;
  std::shared_ptr<sim::process> process;
  environment where;
  std::unique_ptr<inhabitant> self;
  bool has_left = false;
};

}  // namespace

struct world::parts {
  parts(std::uint64_t seed, network_settings settings, chooser* next)
      : luck(seed), net(time, luck.next(), settings), next(next) {}

  bool everybody_turns();
  bool something_happens();
  std::optional<core::time_point> next_moment() const;
  bool run(core::time_point until, const std::function<bool()>& reached);

  clock time;
  chance luck;
  network net;
  chooser* const next;  // null: in time
  std::vector<std::unique_ptr<member>> members;
  bool running = false;
};

bool world::parts::everybody_turns() {
  std::vector<member*> order;
  for (const auto& m : members) order.push_back(m.get());
  if (next == nullptr) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[luck.below(i)]);
  }
  bool more = false;
  for (member* m : order) {
    if (m->turn()) more = true;
  }
  return more;
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
  std::optional<core::time_point> out = net.next_event();
  for (const auto& m : members) {
    if (m->has_left) continue;
    const auto deadline = m->self->worker().next_deadline();
    if (deadline && (!out || *deadline < *out)) out = deadline;
  }
  return out;
}

bool world::parts::run(core::time_point until, const std::function<bool()>& reached) {
  if (std::exchange(running, true)) {
    throw std::logic_error("sim::world: it is running already; a handler cannot make time pass");
  }
  struct mark {
    bool& running;
    ~mark() { running = false; }
  } unmark{running};

  int busy = 0;
  int events = 0;
  for (;;) {
    const bool more = everybody_turns();
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
  for (auto& m : parts_->members) {
    parts_->net.kill(*m->process, false);
    m.reset();
  }
}

node& world::make_node(const std::string& host, config settings) {
  if (settings.workers.value_or(1) != 1) {
    throw std::invalid_argument("sim::world::make_node: a simulated node has one worker, not " +
                                std::to_string(*settings.workers) + "; leave config::workers alone");
  }
  if (!settings.secret && settings.cert.empty()) settings.secret = shared_secret;
  const bool networked = settings.binds.given() || settings.seeds.given();
  if (networked && settings.nodeid.empty() && settings.profile.empty()) settings.nodeid = host + "/";
  auto made = std::make_unique<member>(parts_->time, parts_->net, parts_->luck.fork(), host);
  made->self = std::make_unique<inhabitant>(std::move(settings), made->where);
  parts_->members.push_back(std::move(made));
  return *parts_->members.back()->self;
}

void world::add_host(const std::string& name, std::vector<std::string> addresses) {
  parts_->net.add_host(name, std::move(addresses));
}

void world::kill(node& n, death how) {
  if (parts_->running) throw std::logic_error("sim::world::kill: call it between runs, not from a handler");
  auto& members = parts_->members;
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m->self.get() == &n; });
  if (found == members.end())
    throw std::invalid_argument("sim::world::kill: this node is not of this world, or dead");
  if (how == death::vanish) {
    const host* const on = (*found)->process->on;
    const auto others =
        std::count_if(members.begin(), members.end(), [&](const auto& m) { return m->process->on == on; }) -
        1;
    if (others != 0) {
      throw std::invalid_argument("sim::world::kill: other nodes live on '" + on->name +
                                  "'; a machine vanishes with everything on it, so kill those first");
    }
  }
  const std::unique_ptr<member> dying = std::move(*found);
  members.erase(found);
  parts_->net.kill(*dying->process, how == death::vanish);
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

}  // namespace aemp::sim
