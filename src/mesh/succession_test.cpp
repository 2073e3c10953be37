// A node that comes again while its old connection is still there (aemp-protocol J.9): who wins, when, and in
// which order everybody hears of it.
#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

using sim::chooser;
using sim::exploration;
using sim::explore;

const net::endpoint ours_place{"10.0.0.1", 4040};

// Ours listens; "node" is the one that comes again. With the name "a" ours is no arbiter, with "z" it is.
struct story {
  story(test_world& w, const std::string& ours_id, settings s = plain_settings())
      : w(w), ours(w.add_on("ours", ours_id, std::move(s))) {
    ours.listen(ours_place);
    ours.record("log");
  }
  test_node& come(const std::string& host, int number) {
    test_node& n = w.add_on(host, "node");
    n.mesh.learn(ours.core.id(), {ours_place});
    n.record("log");
    n.snd(ours.core.id() + "#log", number);
    return n;
  }
  std::string told() const {
    std::string out;
    for (const std::string& text : ours.heard) out += text + " ";
    return out;
  }

  test_world& w;
  test_node& ours;
};

class a_node_that_comes_again : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(either_role, a_node_that_comes_again, testing::Values("a", "z"));

// The old machine is gone without a word, and nothing answers in its place.
TEST_P(a_node_that_comes_again, wins_within_the_monitor_timeout_and_monitors_fire_first) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    test_world w(seed);
    story s(w, GetParam());
    test_node& old = s.come("old", 1);
    ASSERT_TRUE(w.run_until([&] { return s.told() == "1 "; }, 5s));
    s.ours.act([&] {
      s.ours.api.mon(*port_id::parse("node#log"),
                     [&](const message& m) { s.ours.heard.push_back(m[0].to_string()); });
    });
    w.run(1ms * static_cast<int>(seed));
    w.net.partition({"ours"}, {"old"});
    w.kill(old, true);
    const auto begin = w.time.now();
    s.come("new", 2);
    ASSERT_TRUE(w.run_until([&] { return s.ours.heard.size() == 3; }, 30s)) << seed << "\n" << w.whole_log();
    EXPECT_EQ("1 transport_error 2 ", s.told()) << "seed " << seed;
    EXPECT_LT(w.time.now() - begin, 10s) << "seed " << seed;
    s.ours.snd("node#log", "welcome");
    w.run(1s);
    EXPECT_EQ((std::vector<std::string>{"+node", "-node", "+node"}), s.ours.changes);
    EXPECT_FALSE(w.was_logged("same_node_id", 2)) << w.whole_log();
  }
}

// The kernel of the restarted machine answers the question with a reset.
TEST_P(a_node_that_comes_again, wins_at_once_where_the_old_connection_is_refused) {
  test_world w;
  story s(w, GetParam());
  test_node& old = s.come("node", 1);
  ASSERT_TRUE(w.run_until([&] { return s.told() == "1 "; }, 5s));
  w.kill(old, true);
  s.come("node", 2);
  EXPECT_TRUE(w.run_until([&] { return s.told() == "1 2 "; }, 1s)) << w.whole_log();
}

TEST_P(a_node_that_comes_again, wins_in_every_order_of_events) {
  const exploration all = explore(
      [&](chooser& next) -> std::string {
        test_world w(next);
        story s(w, GetParam());
        test_node& old = s.come("old", 1);
        w.run(100ms);
        s.ours.act([&] {
          s.ours.api.mon(*port_id::parse("node#log"),
                         [&](const message& m) { s.ours.heard.push_back(m[0].to_string()); });
        });
        w.run(100ms);
        w.net.partition({"ours"}, {"old"});
        w.kill(old, true);
        test_node& again = s.come("new", 2);
        s.ours.snd("node#log", "lost");
        w.run(10s);
        s.ours.snd("node#log", "kept");
        w.run(100ms);
        if (s.told() != "1 transport_error 2 ") return "ours heard " + s.told();
        if (again.heard != std::vector<std::string>{"kept"}) return "the new one heard something else";
        return w.net.connection_count() == 1 ? "" : "not one connection";
      },
      {.limit = 100'000, .skip_equivalent = true});
  EXPECT_TRUE(all.complete && all.failure.empty()) << all.str();
}

TEST_P(a_node_that_comes_again, is_refused_for_ever_while_the_first_one_lives) {
  test_world w;
  story s(w, GetParam());
  test_node& first = s.come("first", 1);
  ASSERT_TRUE(w.run_until([&] { return s.told() == "1 "; }, 5s));
  test_node& second = s.come("second", 2);
  for (int i = 0; i < 10; ++i) {
    first.snd(s.ours.core.id() + "#log", "still here");
    second.snd(s.ours.core.id() + "#log", 3);
    w.run(31s);
  }
  EXPECT_EQ(std::vector<std::string>{"+node"}, s.ours.changes);
  EXPECT_EQ(11u, s.ours.heard.size());
  EXPECT_TRUE(second.changes.empty());
  EXPECT_TRUE(w.was_logged("same_node_id: two nodes call themselves node: the one at 10.0.0.2:", 2))
      << w.whole_log();
  EXPECT_TRUE(w.was_logged("give the one at 10.0.0.3:", 2)) << w.whole_log();
}

TEST_P(a_node_that_comes_again, does_not_disturb_the_first_without_the_secret) {
  test_world w;
  story s(w, GetParam());
  test_node& first = s.come("first", 1);
  ASSERT_TRUE(w.run_until([&] { return s.told() == "1 "; }, 5s));
  for (const bool stops : {false, true}) {
    plain_peer& impostor = w.join(
        std::make_unique<plain_peer>(w.net, stops ? "evil" : "worse", "node",
                                     plain_peer::options{.secret = "guessed",
                                                         .keys = {{"arbiter", "1"}, {"instance", "evil"}},
                                                         .stop_before_auth = stops}));
    impostor.dial(ours_place);
    w.net.partition({"ours"}, {"first"});  // nothing can be heard of it
    w.run(8s);
    w.net.heal();
    w.run(60s);
    EXPECT_EQ(0, impostor.completed);
    EXPECT_EQ(0, impostor.open());
  }
  first.snd(s.ours.core.id() + "#log", 2);
  w.run(1s);
  EXPECT_EQ("1 2 ", s.told());
  EXPECT_EQ(std::vector<std::string>{"+node"}, s.ours.changes);
}

// The answer stands behind much that has to be read first.
TEST_P(a_node_that_comes_again, is_refused_while_anything_comes_from_the_first) {
  test_world w;
  story s(w, GetParam());
  test_node& first = s.come("first", 1);
  ASSERT_TRUE(w.run_until([&] { return s.told() == "1 "; }, 5s));
  sim::link slow;
  slow.bytes_per_second = 100'000;
  w.net.set_link("first", "ours", slow);
  for (int i = 0; i < 20; ++i) first.snd(s.ours.core.id() + "#log", std::string(100'000, 'x'));
  w.run(1s);
  s.come("second", 2);
  w.run(18s);
  EXPECT_EQ(std::vector<std::string>{"+node"}, s.ours.changes) << w.whole_log();
}

// Peers of other implementations, which do not say which process they are.
class a_foreign_node_that_comes_again : public testing::TestWithParam<const char*> {
 protected:
  plain_peer& come(test_world& w, const std::string& host, bool frozen = false) {
    plain_peer::options how;
    how.frozen = frozen;
    if (*GetParam() != '\0') how.keys = {{GetParam(), "1"}};
    plain_peer& p = w.join(std::make_unique<plain_peer>(w.net, host, "node", how));
    p.dial(ours_place);
    return p;
  }
};
INSTANTIATE_TEST_SUITE_P(each_version, a_foreign_node_that_comes_again, testing::Values("", "mproto"));

TEST_P(a_foreign_node_that_comes_again, wins_when_the_old_one_is_silent) {
  test_world w;
  story s(w, "zz");
  come(w, "old", true);
  w.run(1s);
  s.ours.mon("node#p");
  plain_peer& again = come(w, "new");
  ASSERT_TRUE(w.run_until([&] { return again.up() == 1; }, 30s)) << w.whole_log();
  EXPECT_EQ(1u, s.ours.reasons.size());
  s.ours.snd("node#p", "welcome");
  w.run(1s);
  EXPECT_EQ("p welcome", again.packets.back());
}

TEST_P(a_foreign_node_that_comes_again, is_refused_when_the_old_one_answers) {
  test_world w;
  story s(w, "zz");
  plain_peer& first = come(w, "first");
  w.run(1s);
  plain_peer& second = come(w, "second");
  w.run(10s);
  EXPECT_EQ(1, first.up());
  EXPECT_EQ(0, second.open());
  EXPECT_EQ(0, second.completed);
  EXPECT_TRUE(w.was_logged("same_node_id", 2)) << w.whole_log();
}

}  // namespace
}  // namespace aemp::mesh
