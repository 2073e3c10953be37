// The nouns of this room without a mesh around them and without a network: what they tell the mesh is written
// down, and the other nodes are in the test's hand (far_end_test.hpp). This node is called "here"; so it is the
// arbiter for "aaa", and "zzz" is the arbiter for it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <aemp/log.hpp>

#include "core/quiet_neighbours_test.hpp"
#include "core/world_test.hpp"
#include "mesh/admission.hpp"
#include "mesh/far_end_test.hpp"
#include "mesh/introduction.hpp"
#include "mesh/relay.hpp"
#include "sim/chance.hpp"

namespace aemp::mesh {

using namespace std::chrono_literals;

inline settings settings_of_parts() {
  settings s;
  s.secret = "geheim";
  s.global_1 = s.global_2 = false;
  return s;
}

// A gateway for monitors, which are set in the core, and for those who wait for a peer to be drained.
class still_gateway final : public core::quiet_gateway {
 public:
  explicit still_gateway(const peers& all) : all_(all) {}
  void when_drained(detail::owned& o) override {
    all_.find(o.watched.node())->wait_for_drain.push(o, o.watched_hook);
  }

 private:
  const peers& all_;
};

// Who may connect, where the test decides that itself: nobody, until it accepts.
class patient_owner final : public connection_owner {
 public:
  explicit patient_owner(connections& all) : all_(all) {}

  bool holds = false;  // this node's proof back
  std::vector<connection*> proven;
  std::vector<std::string> ended;  // the errors' names

  void named(connection& c) override {
    if (holds) c.hold();
  }
  void verified(connection& c) override { proven.push_back(&c); }
  void ready(connection& c) override { all_.handshake_done(c); }
  void closed(connection& c, const error& why) override {
    ended.push_back(why.name);
    all_.retire(c);
  }

 private:
  connections& all_;
};

class parts : public testing::Test,
              public membership_events,
              public seed_owner,
              public relay_owner,
              public traffic_events,
              public data_server {
 protected:
  explicit parts(settings how = settings_of_parts(), const std::string& own_id = "here")
      : w(1, own_id), s(std::move(how)) {
    set_log_level(7);
    w.core().set_gateway(&gateway);
  }
  ~parts() override {
    w.inside([&] {
      all.clear();
      made.retire_all();
      made.drop_retired();
    });
    w.core().set_gateway(nullptr);
  }

  // A connection that belongs to that owner, and whose handshake has begun.
  connection& begin(far_end& other, const origin& from, connection_owner& owner) {
    connection* c = nullptr;
    w.inside([&] {
      auto stream = other.stream();
      wire::session_config config = greeter.on(*stream, from, true);
      c = &made.add(std::move(config), std::move(stream), from, owner, *this);
      c->start();
    });
    w.settle();
    return *c;
  }
  // The same, of which admission decides.
  connection& begin(far_end& other, const origin& from = {}) { return begin(other, from, who_may); }
  // And it comes up.
  connection& connect(far_end& other, const origin& from = {}) {
    connection& c = begin(other, from);
    other.shake_hands();
    return c;
  }

  // The monitor of a port of another node; the reason is written down.
  void mon(const std::string& port) {
    w.inside([&] {
      w.me.mon(*port_id::parse(port),
               [this](const message& reason) { reasons.push_back(reason.to_string()); });
    });
  }
  bool is_in_core(const std::string& node) { return w.core().presence().is_up(node); }
  // Whether a line of that level says so.
  bool was_logged(int level, std::string_view part) const { return !log.at(level, part).empty(); }

  // membership_events
  void came_up(connection& c) override {
    news("+" + c.peer_id());
    if (on_came_up) on_came_up(c);
  }
  void lost(const std::string& node, bool was_up, const std::string& why) override {
    news((was_up ? "-" : "!") + node);
    losses.push_back(why);
    if (on_lost) on_lost(node);
  }
  // seed_owner
  void seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream>) override {
    news("seed:" + at.str());
  }
  void seed_failed() override { news("seed_failed"); }
  // relay_owner
  connection* leg_to(const std::string& node) override { return all.leg_to(node); }
  void circuit_came(std::unique_ptr<net::stream>, const std::string& through) override {
    news("circuit:" + through);
  }
  // traffic_events
  void packet(connection&, const wire::destination& to, message&& m) override {
    packets.push_back(std::string(to.name) + " " + m.to_string());
  }
  void holds(connection& c, std::ptrdiff_t more) override { made.count_held(c, more); }
  void refused(connection&, std::string_view, const message&, const error&) override {}
  void much_queued(connection&) override {}
  void drained(connection& c) override { news("drained:" + c.peer_id()); }
  // data_server
  result<void> take(const std::string& node, const std::string& id, raw_stream&) override {
    news("data:" + node + ":" + id);
    return {};
  }
  void dial_ended(const std::string& node, const std::string& id, const net::endpoint&,
                  const error& why) override {
    news("no_data:" + node + ":" + id + ":" + why.name);
  }

  core::world w;
  core::log_capture log;
  settings s;
  sim::chance luck{1};
  dice chance{[this](std::span<std::byte> out) { luck.fill(out); }};
  still_network network;
  core::diary news;
  std::vector<std::string> losses, reasons, packets;
  std::function<void(connection&)> on_came_up;
  std::function<void(const std::string&)> on_lost;

  connections made{w.worker_at(), network, s};
  peers all;
  last_way latest;
  quotas limits{s};
  routes places{s};
  listeners open{network};
  introduction greeter{w.core(), s, chance};
  backoff pauses{s, chance};
  seeds given{w.worker_at(), network, s, chance, all, pauses, *this};
  relay circuits{w.core(), s, chance, *this};
  membership members{w.core(), s, all, made, latest, limits, places, pauses, *this};
  data_handover data{w.core(), s, made};
  outcomes told{w.core(), all, open, members, given, data, nullptr};
  admission who_may{w.core(), s, made, all, members, told, data};
  patient_owner patient{made};
  still_gateway gateway{all};
};

}  // namespace aemp::mesh
