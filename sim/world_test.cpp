// Worlds of private nodes: time, rest, misuse. Worlds with a network are in world_network_test.cpp.
#include "sim/world.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

TEST(world, runs_timers_at_their_moment_and_waits_for_nothing) {
  world w(1);
  node& a = w.make_node("alpha");
  std::vector<std::chrono::nanoseconds> fired;
  a.after(90min, [&] { fired.push_back(w.elapsed()); });
  a.after(10min, [&] { fired.push_back(w.elapsed()); });
  w.run_for(24h);
  EXPECT_EQ((std::vector<std::chrono::nanoseconds>{10min, 90min}), fired);
  EXPECT_EQ(24h, w.elapsed());
}

TEST(world, stops_when_the_condition_is_reached_or_the_time_is_up) {
  world w(1);
  node& a = w.make_node("alpha");
  int ticks = 0;
  timer t = a.every(1s, [&] { ++ticks; });
  EXPECT_TRUE(w.run_until([&] { return ticks == 3; }, 1h));
  EXPECT_EQ(3s, w.elapsed());
  EXPECT_FALSE(w.run_until([&] { return ticks == 100; }, 10s));
  EXPECT_EQ(13s, w.elapsed());
  EXPECT_EQ(13, ticks);
}

TEST(world, settles_what_can_be_done_without_time) {
  world w(1);
  node& a = w.make_node("alpha");
  int left = 10'000;
  bool later = false;
  port_id p = a.port();
  a.rcv(p, "again", [&] {
    if (--left > 0) snd(p, "again");
  });
  a.after(1ms, [&] { later = true; });
  a.snd(p, "again");
  w.settle();
  EXPECT_EQ(0, left);
  EXPECT_FALSE(later);
  EXPECT_EQ(0s, w.elapsed());
}

TEST(world, takes_turns_in_an_order_that_comes_from_the_seed) {
  const auto run = [](std::uint64_t seed) {
    world w(seed);
    std::string order;
    for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
      node& n = w.make_node(std::string(1, name));
      n.snd(n.port([&order, name](int) { order += name; }), 1);
    }
    w.settle();
    return order;
  };
  EXPECT_EQ(5u, run(1).size());
  EXPECT_EQ(run(1), run(1));
  int different = 0;
  for (std::uint64_t seed = 2; seed < 12; ++seed) different += run(seed) != run(1);
  EXPECT_GT(different, 5);
}

TEST(world, says_that_nodes_do_not_come_to_rest) {
  world w(1);
  node& a = w.make_node("alpha");
  port_id p = a.port();
  a.rcv(p, "again", [=] { snd(p, "again"); });
  a.snd(p, "again");
  EXPECT_THROW(w.run_for(1s), std::runtime_error);
}

TEST(world, refuses_what_it_cannot_simulate) {
  world w(1);
  EXPECT_THROW(w.make_node("alpha", {.workers = 0}), std::invalid_argument);
  node& a = w.make_node("alpha");
  EXPECT_THROW(a.run(), std::logic_error);
  EXPECT_THROW(w.partition({"alpha"}, {"nowhere"}), std::invalid_argument);
  EXPECT_THROW(w.add_host("alpha"), std::invalid_argument);
  node stranger;
  EXPECT_THROW(w.kill(stranger), std::invalid_argument);
  node& other = w.make_node("alpha");
  EXPECT_THROW(w.kill(a, death::vanish), std::invalid_argument);
  w.kill(other);
  w.kill(a, death::vanish);
}

TEST(world, refuses_to_run_inside_itself) {
  world w(1);
  node& a = w.make_node("alpha");
  std::string what;
  const auto note = [&](auto&& call) {
    try {
      call();
    } catch (const std::logic_error& e) {
      what += e.what();
    }
  };
  a.snd(a.port([&](int) {
    note([&] { w.settle(); });
    note([&] { w.kill(a); });
  }),
        1);
  w.settle();
  EXPECT_NE(std::string::npos, what.find("running already")) << what;
  EXPECT_NE(std::string::npos, what.find("between runs")) << what;
}

TEST(world, has_only_ports_that_live) {
  world w(1);
  node& a = w.make_node("alpha");
  node& b = w.make_node("beta");
  bool ended = false, after_death = false;
  port_id p = a.port();
  a.mon(p, [&](const message&) { ended = true; });
  a.after(1s, [&] { after_death = true; });
  w.settle();
  w.kill(a);
  w.run_for(2s);
  EXPECT_FALSE(after_death);
  EXPECT_FALSE(ended) << "a killed node tells nobody, itself included";
  EXPECT_EQ(b.id(), b.id());
}

}  // namespace
}  // namespace aemp::sim
