// Nodes that stop: what the others hear of it, and what they send before.
#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

struct parting {
  explicit parting(std::uint64_t seed = 1) : w(seed) {
    a.listen({"10.0.0.1", 4040});
    a.record("log");
    b.act([&] { b.mesh.learn("alpha", {{"10.0.0.1", 4040}}); });
    b.mon("alpha#log");
    connected = w.run_until([&] { return a.is_up("beta") && b.is_up("alpha"); }, 5s);
    w.run(1s);
  }
  // As run() does it at its end.
  void leave(test_node& n) { n.core.leave(); }

  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta");
  bool connected = false;
};

TEST(a_node_that_stops, has_not_crashed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    parting p(seed);
    ASSERT_TRUE(p.connected);
    p.leave(p.a);
    ASSERT_TRUE(p.w.run_until([&] { return !p.b.reasons.empty(); }, 1s)) << p.w.whole_log();
    EXPECT_EQ("node_stopped alpha node alpha has stopped", p.b.reasons[0]);
    EXPECT_EQ((std::vector<std::string>{"+alpha", "-alpha"}), p.b.changes);
  }
}

// The other node is through with the handshake, and knows that this one is up, a moment before this one is.
TEST(a_node_that_stops, has_not_crashed_during_a_handshake_either) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    test_world w(seed);
    test_node& other = w.add("server");
    other.listen({"10.0.0.1", 4040});
    test_node& guest = w.add("guest");
    guest.act([&] { guest.mesh.learn("server", {{"10.0.0.1", 4040}}); });
    guest.snd("server#log", "hello");
    ASSERT_TRUE(w.run_until([&] { return other.is_up("guest"); }, 5s));
    ASSERT_FALSE(guest.is_up("server")) << "seed " << seed;
    other.mon("guest");
    guest.core.leave();
    ASSERT_TRUE(w.run_until([&] { return !other.reasons.empty(); }, 3s));
    EXPECT_EQ("node_stopped guest node guest has stopped", other.reasons[0]) << w.whole_log();
  }
}

TEST(a_node_that_stops, says_goodbye_behind_everything_else) {
  parting p;
  const std::string large(3 << 20, 'x');
  p.b.record("log");
  p.a.act([&] {
    for (int i = 0; i < 3; ++i) p.a.api.snd(*port_id::parse("beta#log"), large);
    p.a.api.snd(*port_id::parse("beta#log"), "last");
  });
  p.leave(p.a);
  ASSERT_TRUE(p.w.run_until([&] { return !p.b.reasons.empty(); }, 5s));
  EXPECT_TRUE(p.b.reasons[0].starts_with("node_stopped alpha ")) << p.b.reasons[0];
  ASSERT_EQ(4u, p.b.heard.size());
  EXPECT_EQ("last", p.b.heard[3]);
}

TEST(a_node_that_stops, tells_those_who_know_it_by_another_name) {
  parting p;
  p.b.mon("10.0.0.1:4040#log");
  p.w.run(3s);
  p.leave(p.a);
  ASSERT_TRUE(p.w.run_until([&] { return p.b.reasons.size() == 2; }, 1s)) << p.w.whole_log();
  std::ranges::sort(p.b.reasons);
  EXPECT_EQ("node_stopped 10.0.0.1:4040 node alpha has stopped", p.b.reasons[0]);
}

TEST(a_node_that_stops, may_run_again) {
  parting p;
  p.b.record("log");
  p.a.mon("beta#log");
  p.w.run(1s);
  p.leave(p.a);
  p.w.run(3s);
  ASSERT_EQ(1u, p.a.reasons.size());
  EXPECT_EQ("node_stopped beta node alpha was stopped", p.a.reasons[0]);
  p.b.snd("alpha#log", "welcome back");
  EXPECT_TRUE(p.w.run_until([&] { return p.a.heard.size() == 1; }, 5s)) << p.w.whole_log();
}

TEST(a_node_that_stops, says_nothing_new_to_those_that_do_not_know_the_word) {
  test_world w;
  plain_peer& perl = w.join(std::make_unique<plain_peer>(w.net, "perl", "perl"));
  perl.listen({"10.0.0.1", 4040});
  test_node& b = w.add("beta");
  b.act([&] { b.mesh.learn("perl", {{"10.0.0.1", 4040}}); });
  b.mon("perl#log");
  ASSERT_TRUE(w.run_until([&] { return perl.has("beta"); }, 5s)) << w.whole_log();
  w.run(1s);
  b.core.leave();
  w.run(1s);
  EXPECT_FALSE(perl.has("beta"));
  for (const std::string& line : perl.packets) EXPECT_FALSE(contains(line, "goodbye")) << line;
}

TEST(a_node_that_stops, says_goodbye_through_a_node_in_the_middle) {
  test_world w;
  test_node& hub = w.add("hub");
  hub.listen({"10.0.0.1", 4040});
  const std::string den = "laptop@10.0.0.1:4040";
  test_node& hidden = w.add_on("den", den);
  hidden.act([&] { hidden.mesh.follow({{"10.0.0.1", 4040}}); });
  hidden.start();
  hidden.record("log");
  test_node& other = w.add("other");
  other.mon(den + "#log");
  ASSERT_TRUE(w.run_until([&] { return other.is_up(den); }, 10s)) << w.whole_log();
  w.run(1s);
  hidden.core.leave();
  ASSERT_TRUE(w.run_until([&] { return !other.reasons.empty(); }, 2s)) << w.whole_log();
  EXPECT_TRUE(other.reasons[0].starts_with("node_stopped " + den)) << other.reasons[0];
}

TEST(a_node_that_closes_its_door, lets_nobody_in_and_keeps_who_is_there) {
  parting p;
  p.a.act([&] { p.a.mesh.close_door(); });
  test_node& c = p.w.add("gamma");
  c.act([&] { c.mesh.learn("alpha", {{"10.0.0.1", 4040}}); });
  c.snd("alpha#log", "let me in");
  p.b.snd("alpha#log", "hello");
  p.w.run(10s);
  EXPECT_EQ(std::vector<std::string>{"hello"}, p.a.heard);
  EXPECT_FALSE(p.a.is_up("gamma"));
  EXPECT_TRUE(p.w.was_logged("node beta is up", 7));
}

}  // namespace
}  // namespace aemp::mesh
