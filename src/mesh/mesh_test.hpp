// What the tests of this room share: nodes without an API around them, on a network in memory, driven by
// hand. Time is virtual; or, with a chooser, there is none, and everything happens in every order.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <aemp/log.hpp>
#include <aemp/port.hpp>

#include "core/local_node.hpp"
#include "mesh/faulty_transport_test.hpp"
#include "mesh/mesh.hpp"
#include "sim/chance.hpp"
#include "sim/clock.hpp"
#include "sim/connection.hpp"
#include "sim/explore.hpp"
#include "sim/network.hpp"
#include "sim/transport.hpp"

namespace aemp::mesh {

using namespace std::chrono_literals;

inline settings plain_settings() {
  settings s;
  s.secret = "geheim";
  s.global_1 = s.global_2 = false;  // what packets there are is what a test sends
  return s;
}

// Whatever lives on the network and wants its turn. True: there is more to do.
class member {
 public:
  virtual ~member() = default;
  virtual bool turn() = 0;
  virtual std::optional<core::time_point> next_deadline() const { return {}; }
};

class no_sleep final : public core::poller {
 public:
  bool poll() override { return false; }
  void wait(std::optional<core::time_point>) override {}
  void wake() noexcept override {}
};

// A core and a mesh.
class test_node final : public member {
 public:
  test_node(sim::clock& time, sim::network& net, const std::string& host, std::string id, settings s,
            std::uint64_t seed, bool at_once)
      : luck(seed),
        process(net.start_process(host)),
        transport(net, process),
        core({.node_id = std::move(id),
              .uniq = "q" + std::to_string(seed),
              .crew = {.clock = &time,
                       .make_poller = [](unsigned, bool) { return std::make_unique<no_sleep>(); }}}),
        api(core),
        mesh(core, door, std::move(s), [this, at_once](std::span<std::byte> out) {
          luck.fill(out);
          // Numbers are for delays, which would keep events apart that are to happen in every order.
          if (at_once && out.size() < 8) std::fill(out.begin(), out.end(), std::byte{0});
        }) {
    core.set_gateway(&mesh);
    act([&] {
      api.mon_nodes([this](std::string node, bool up) { changes.push_back((up ? "+" : "-") + node); });
    });
  }
  ~test_node() override {
    core::worker::scope here(core.network_worker());
    mesh.close();
    core.set_gateway(nullptr);
  }

  bool turn() override {
    core::worker& w = core.network_worker();
    bool more = w.turn();
    bool heard = false;
    {
      core::worker::scope here(w);
      heard = process->poll();
    }
    if (heard) more = w.turn();
    return more || !process->callbacks.empty();
  }
  std::optional<core::time_point> next_deadline() const override {
    return const_cast<detail::local_node&>(core).network_worker().next_deadline();
  }

  template <class F>
  void act(F&& f) {
    core::worker::scope here(core.network_worker());
    f();
  }
  void listen(const net::endpoint& at) {
    act([&] {
      const auto done = mesh.listen({at});
      ASSERT_TRUE(done) << done.error().text;
    });
  }
  void start() {
    act([&] { mesh.start(); });
  }
  // A port that writes down what it hears.
  void record(const std::string& name) {
    act([&] {
      api.rcv(*port_id::parse(core.id() + "#" + name),
              [this](const message& m) { heard.push_back(m.to_string()); });
    });
  }
  template <class... A>
  void snd(const std::string& port, A&&... a) {
    act([&] { api.snd(*port_id::parse(port), std::forward<A>(a)...); });
  }
  void mon(const std::string& port) {
    act([&] {
      api.mon(*port_id::parse(port),
              [this](const message& reason) { reasons.push_back(reason.to_string()); });
    });
  }
  bool is_up(const std::string& node) const {
    const auto up = core.presence().up();
    return std::find(up.begin(), up.end(), node) != up.end();
  }

  sim::chance luck;
  std::shared_ptr<sim::process> process;
  sim::transport transport;
  faulty_transport door{transport};
  detail::local_node core;
  node_functions api;
  aemp::mesh::mesh mesh;
  std::vector<std::string> heard;    // by recording ports
  std::vector<std::string> reasons;  // of monitors
  std::vector<std::string> changes;  // "+beta", "-beta"
};

// Members on hosts, each with an address 10.0.0.n in the order in which they are added.
class test_world {
 public:
  explicit test_world(std::uint64_t seed = 1, sim::network_settings s = {}) : net(time, seed, s) {
    listen_to_log();
  }
  explicit test_world(sim::chooser& next) : net(time, 0, scheduled()), next_(&next) { listen_to_log(); }
  ~test_world() {
    members.clear();
    set_log_sink({});
  }

  test_node& add(const std::string& id, settings s = plain_settings()) {
    return add_on(id, id, std::move(s));
  }
  test_node& add_on(const std::string& host, const std::string& id, settings s = plain_settings()) {
    auto made = std::make_unique<test_node>(time, net, host, id, std::move(s), ++made_, next_ != nullptr);
    test_node& n = *made;
    members.push_back(std::move(made));
    return n;
  }
  template <class M>
  M& join(std::unique_ptr<M> m) {
    M& out = *m;
    members.push_back(std::move(m));
    return out;
  }
  // As a process that is killed, or a machine without power.
  void kill(test_node& n, bool silently) {
    net.kill(*n.process, silently);
    std::erase_if(members, [&](const auto& m) { return m.get() == &n; });
  }

  template <class Done>
  bool run_until(Done done, core::duration at_most = 60s) {
    const core::time_point end = time.now() + at_most;
    for (;;) {
      while (everybody()) {
        if (done()) return true;
      }
      if (done()) return true;
      if (something()) continue;
      auto moment = net.next_event();
      for (const auto& m : members) {
        const auto deadline = m->next_deadline();
        if (deadline && (!moment || *deadline < *moment)) moment = deadline;
      }
      if (!moment || *moment > end) break;
      time.advance_to(*moment);
    }
    time.advance_to(end);
    return done();
  }
  void run(core::duration d) {
    (void)run_until([] { return false; }, d);
  }
  // What happens without time passing.
  void settle() { run(0s); }

  bool was_logged(std::string_view part, int level) const {
    return std::any_of(logged.begin(), logged.end(), [&](const auto& line) {
      return line.first == level && line.second.find(part) != std::string::npos;
    });
  }
  auto times_logged(std::string_view part) const {
    return std::count_if(logged.begin(), logged.end(),
                         [&](const auto& line) { return line.second.find(part) != std::string::npos; });
  }
  std::string whole_log() const {
    std::string out;
    for (const auto& [level, text] : logged) out += std::to_string(level) + " " + text + "\n";
    return out;
  }

  sim::clock time;
  sim::network net;
  std::vector<std::unique_ptr<member>> members;
  std::vector<std::pair<int, std::string>> logged;

 private:
  static sim::network_settings scheduled() {
    sim::network_settings s;
    s.scheduled = true;
    return s;
  }
  void listen_to_log() {
    set_log_level(7);
    set_log_sink([this](int level, std::string_view text) { logged.emplace_back(level, text); });
  }
  bool everybody() {
    bool more = false;
    for (std::size_t i = 0; i < members.size(); ++i) more = members[i]->turn() || more;
    return more;
  }
  bool something() {
    if (next_ == nullptr) return net.step();
    if (net.expire()) return true;
    const std::vector<sim::choice> offered = net.choices();
    if (offered.empty()) return false;
    net.take(next_->choose(offered));
    return true;
  }

  sim::chooser* next_ = nullptr;
  std::uint64_t made_ = 0;
};

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace aemp::mesh
