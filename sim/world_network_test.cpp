// Worlds with a network: nodes find each other, lose each other, and do it all again from the same seed.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

// Connections that fail are what happens here; nobody has to read of each.
class networked_world : public testing::Test {
 protected:
  networked_world() {
    set_log_sink([](int, std::string_view) {});
  }
  ~networked_world() override { set_log_sink({}); }
};

// Beta knows alpha as a seed; alpha's port "echo" answers.
struct couple {
  explicit couple(world& w) : w(w), a(w.make_node("alpha", alpha())), b(w.make_node("beta", beta())) {
    a.rcv(echo, "say", [](port_id from, std::string text) { snd(from, text); });
    hears = b.port([this](std::string text) { heard += text; });
  }

  static config alpha() { return {.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {}}; }
  static config beta() { return {.nodeid = "beta", .binds = {"beta:4040"}, .seeds = {"alpha:4040"}}; }

  void say(const std::string& text) { b.snd(echo, "say", hears, text); }
  bool connected() { return a.node_is_up("beta") && b.node_is_up("alpha"); }

  world& w;
  node& a;
  node& b;
  port_id echo = *port_id::parse("alpha#echo");
  port_id hears;
  std::string heard;
};

TEST_F(networked_world, lets_nodes_talk) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    world w(seed);
    couple c(w);
    ASSERT_TRUE(w.run_until([&] { return c.connected(); }, 10s)) << "seed " << seed;
    EXPECT_EQ(1u, w.connection_count()) << "seed " << seed;
    c.say("one ");
    c.say("two");
    ASSERT_TRUE(w.run_until([&] { return c.heard == "one two"; }, 10s)) << "seed " << seed << ": " << c.heard;
  }
}

TEST_F(networked_world, runs_the_same_for_the_same_seed) {
  const auto run = [](std::uint64_t seed) {
    std::string trace;
    world w(seed);
    w.trace_to([&](std::string_view line) { trace += std::string(line) + '\n'; });
    couple c(w);
    w.run_for(1s);
    c.say("hello");
    w.run_for(100s);
    w.cut("alpha", "beta");
    w.run_for(100s);
    return trace;
  };
  const std::string one = run(11);
  EXPECT_NE("", one);
  EXPECT_EQ(one, run(11));
  EXPECT_NE(one, run(12));
}

TEST_F(networked_world, tells_the_monitors_of_a_crashed_node_at_once) {
  world w(1);
  couple c(w);
  std::string reason;
  ASSERT_TRUE(w.run_until([&] { return c.connected(); }, 10s));
  c.b.mon(c.echo, [&](const message& m) { reason = m.to_string(); });
  w.run_for(1s);
  EXPECT_EQ("", reason);
  w.kill(c.a);
  EXPECT_TRUE(w.run_until([&] { return !reason.empty(); }, 1s));
  EXPECT_NE(std::string::npos, reason.find("transport_error")) << reason;
}

TEST_F(networked_world, tells_the_monitors_of_a_vanished_machine_when_the_time_is_up) {
  world w(1);
  couple c(w);
  std::string reason;
  ASSERT_TRUE(w.run_until([&] { return c.connected(); }, 10s));
  c.b.mon(c.echo, [&](const message& m) { reason = m.to_string(); });
  w.run_for(1s);
  w.kill(c.a, death::vanish);
  w.run_for(10s);
  EXPECT_EQ("", reason);
  EXPECT_TRUE(w.run_until([&] { return !reason.empty(); }, 60s));
  EXPECT_NE(std::string::npos, reason.find("transport_error")) << reason;
}

TEST_F(networked_world, delivers_after_a_short_partition) {
  world w(1);
  couple c(w);
  ASSERT_TRUE(w.run_until([&] { return c.connected(); }, 10s));
  w.partition({"alpha"}, {"beta"});
  c.say("patience");
  w.run_for(5s);
  EXPECT_EQ("", c.heard);
  w.heal();
  EXPECT_TRUE(w.run_until([&] { return c.heard == "patience"; }, 5s));
}

TEST_F(networked_world, brings_a_node_back_under_its_name) {
  world w(1);
  couple c(w);
  ASSERT_TRUE(w.run_until([&] { return c.connected(); }, 10s));
  w.kill(c.a, death::vanish);
  w.run_for(5min);
  EXPECT_FALSE(c.b.node_is_up("alpha"));
  node& again = w.make_node("alpha", couple::alpha());
  EXPECT_TRUE(w.run_until([&] { return c.b.node_is_up("alpha") && again.node_is_up("beta"); }, 60s));
}

// Two nodes that have each other as a seed. Neither gets through until both have dialled; from there on every
// order in which the bytes of the two handshakes can arrive is tried.
std::string dial_each_other(chooser& next, const std::string& encryption) {
  world w(next);
  w.add_host("alpha");
  w.add_host("beta");
  w.partition({"alpha"}, {"beta"});
  node& a = w.make_node(
      "alpha",
      {.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {"beta:4040"}, .encryption = encryption});
  node& b = w.make_node(
      "beta", {.nodeid = "beta", .binds = {"beta:4040"}, .seeds = {"alpha:4040"}, .encryption = encryption});
  w.run_for(200ms);
  if (w.connection_count() != 2) return "they have not both dialled";
  std::string went;
  const auto note = [&](const std::string& node, bool up, const rest&) {
    went += (up ? "" : "-") + node + ' ';
  };
  a.mon_nodes(note);
  b.mon_nodes(note);
  w.heal();
  w.settle();
  if (!a.node_is_up("beta") || !b.node_is_up("alpha")) return "not connected";
  if (went != "alpha beta " && went != "beta alpha ") return "not connected once: " + went;
  return w.connection_count() == 1 ? "" : std::to_string(w.connection_count()) + " connections";
}

TEST_F(networked_world, keeps_one_connection_in_every_order_of_two_handshakes) {
  const exploration all =
      explore([](chooser& next) { return dial_each_other(next, "off"); }, {.skip_equivalent = true});
  EXPECT_EQ("", all.failure) << all.str();
  EXPECT_TRUE(all.complete) << all.str();
  EXPECT_GT(all.schedules, 100u);
}

TEST_F(networked_world, keeps_one_connection_in_orders_taken_by_chance) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random_chooser next(seed);
    ASSERT_EQ("", dial_each_other(next, "auto")) << "seed " << seed;
  }
}

}  // namespace
}  // namespace aemp::sim
