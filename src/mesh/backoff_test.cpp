#include "mesh/backoff.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

class waiting : public testing::Test {
 protected:
  // A connection that was up for so long ends; how long to wait then.
  core::duration after(core::duration up) {
    now_ += up;
    nodes_.lost("a", now_ - up, now_);
    const core::duration wait = nodes_.wait_for("a", now_);
    now_ += wait;
    EXPECT_EQ(0ns, nodes_.wait_for("a", now_));
    return wait;
  }

  sim::chance luck_{7};
  dice chance_{[this](std::span<std::byte> out) { luck_.fill(out); }};
  const settings s_ = plain_settings();
  backoff nodes_{s_, chance_};
  core::time_point now_{1h};
};

TEST_F(waiting, is_not_for_a_node_that_was_not_lost) {
  EXPECT_EQ(0ns, nodes_.wait_for("a", now_));
  (void)after(1ms);
  EXPECT_EQ(0ns, nodes_.wait_for("b", now_));
}

TEST_F(waiting, is_spread_over_the_connect_interval_after_a_long_life) {
  core::duration least = 1h, most{};
  for (int i = 0; i < 100; ++i) {
    const core::duration wait = after(31s);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GT(200ms, least);
  EXPECT_LT(1800ms, most);
  EXPECT_GE(2s, most);
}

TEST_F(waiting, doubles_while_connections_die_young_up_to_a_third_of_the_monitor_timeout) {
  EXPECT_GE(2s, after(0s));
  for (const core::duration whole : {4s, 8s, 10s, 10s, 10s}) {
    const core::duration wait = after(100ms);
    EXPECT_LE(whole / 2, wait);
    EXPECT_GE(whole, wait);
  }
}

TEST_F(waiting, begins_anew_after_a_connection_that_lived) {
  for (int i = 0; i < 5; ++i) (void)after(0s);
  EXPECT_GE(2s, after(30s));
  EXPECT_GE(2s, after(0s));
  EXPECT_LE(2s, after(0s));
}

TEST_F(waiting, is_forgotten_with_the_nodes_that_are_gone_for_good) {
  for (int i = 0; i < 1000; ++i) nodes_.lost("n" + std::to_string(i), now_, now_);
  EXPECT_EQ(1000u, nodes_.size());
  now_ += 2min;
  (void)after(0s);
  EXPECT_EQ(1u, nodes_.size());
}

// Something kills each connection as soon as it is up, and what waits is sent again and again. How often in a
// minute?
int times_up_in_a_minute(bool also_a_seed, bool dialled_by_the_other) {
  test_world w;
  settings mine = plain_settings(), others = plain_settings();
  if (also_a_seed) mine.seeds = {{"10.0.0.1", 4040}};
  if (dialled_by_the_other) others.seeds = {{"10.0.0.2", 4040}};
  test_node& a = w.add("alpha", others);
  test_node& b = w.add("beta", mine);
  a.listen({"10.0.0.1", 4040});
  b.listen({"10.0.0.2", 4040});
  a.start();
  b.start();
  if (!dialled_by_the_other) b.act([&] { b.mesh.learn("alpha", {{"10.0.0.1", 4040}}); });
  int times = 0;
  while (w.time.elapsed() < 60s) {
    if (!dialled_by_the_other) b.snd("alpha#x", "again");
    if (!w.run_until([&] { return a.is_up("beta") && b.is_up("alpha"); }, 15s)) continue;
    ++times;
    w.net.cut("alpha", "beta");
    w.run_until([&] { return !a.is_up("beta") && !b.is_up("alpha"); });
  }
  return times;
}

TEST(backoff, keeps_what_kills_its_connection_from_doing_so_all_the_time) {
  for (const bool seed : {false, true}) {
    for (const bool other : {false, true}) {
      const int times = times_up_in_a_minute(seed, other);
      EXPECT_LE(4, times) << seed << other;
      EXPECT_GE(30, times) << seed << other;
    }
  }
}

TEST(backoff, lets_messages_wait) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta");
  a.listen({"10.0.0.1", 4040});
  a.record("log");
  b.act([&] { b.mesh.learn("alpha", {{"10.0.0.1", 4040}}); });
  for (int i = 1; i <= 5; ++i) {
    b.snd("alpha#log", i);
    b.snd("alpha#log", "and more");
    ASSERT_TRUE(w.run_until([&] { return a.heard.size() == std::size_t(2 * i); }, 11s)) << w.whole_log();
    w.net.cut("alpha", "beta");
    w.run_until([&] { return !b.is_up("alpha"); });
  }
  EXPECT_TRUE(b.reasons.empty());
}

TEST(backoff, is_not_for_the_first_time_nor_for_a_node_that_comes_by_itself) {
  test_world w;
  test_node& a = w.add("alpha");
  test_node& b = w.add("beta");
  a.listen({"10.0.0.1", 4040});
  b.listen({"10.0.0.2", 4040});
  b.act([&] { b.mesh.learn("alpha", {{"10.0.0.1", 4040}}); });
  b.snd("alpha#log", "hello");
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 100ms)) << w.whole_log();
  w.kill(a, false);
  w.run(100ms);
  test_node& again = w.add("alpha");
  again.act([&] { again.mesh.learn("beta", {{"10.0.0.2", 4040}}); });
  again.snd("beta#log", "hello");
  EXPECT_TRUE(w.run_until([&] { return b.is_up("alpha"); }, 100ms)) << w.whole_log();
}

}  // namespace
}  // namespace aemp::mesh
