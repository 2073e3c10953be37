// Nodes with several workers, nodes that stop or become slow, and calendars that jump.
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

#include "sim/world.hpp"

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

struct quiet_world : world {
  explicit quiet_world(std::uint64_t seed) : world(seed) {
    set_log_sink([](int, std::string_view) {});
  }
  ~quiet_world() { set_log_sink({}); }
};

// What a port on each of three workers has heard from the others, in the order of events.
std::string talk_of_workers(std::uint64_t seed) {
  quiet_world w(seed);
  node& a = w.make_node("alpha", {.workers = 3});
  std::string story;
  std::vector<port_id> ports;
  for (int i = 0; i < 6; ++i) {
    const char name = static_cast<char>('a' + i);
    ports.push_back(a.port(any_worker, [&story, name](int left, const port_id& other) {
      story += name;
      if (left > 0) snd(other, left - 1, other);
    }));
  }
  for (int i = 0; i < 6; ++i)
    a.snd(ports[static_cast<std::size_t>(i)], 3, ports[static_cast<std::size_t>(5 - i)]);
  w.settle();
  return story;
}

TEST(workers_of_a_world, take_turns_in_an_order_that_comes_from_the_seed) {
  EXPECT_EQ(24u, talk_of_workers(1).size());
  EXPECT_EQ(talk_of_workers(1), talk_of_workers(1));
  int different = 0;
  for (std::uint64_t seed = 2; seed < 22; ++seed) different += talk_of_workers(seed) != talk_of_workers(1);
  EXPECT_GT(different, 5);
}

TEST(workers_of_a_world, share_the_network_of_their_node) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    quiet_world w(seed);
    node& a = w.make_node("alpha", {.binds = {"alpha:4040"}, .workers = 3, .network_thread = seed % 2 == 0});
    node& b = w.make_node("beta", {.seeds = {"alpha:4040"}, .workers = 2});
    std::map<int, int> heard;
    for (int i = 0; i < 6; ++i) {
      const port_id to = a.port(any_worker, [&heard](int from) { ++heard[from]; });
      const port_id from = b.port(any_worker, [to](int number) { snd(to, number); });
      b.snd(from, i);
    }
    ASSERT_TRUE(w.run_until([&] { return heard.size() == 6; }, 10s)) << "seed " << seed;
  }
}

TEST(frozen_nodes, do_nothing_until_they_go_on) {
  quiet_world w(1);
  node& a = w.make_node("alpha");
  int heard = 0, ticks = 0;
  const port_id p = a.port([&](int) { ++heard; });
  timer t = a.every(1s, [&] { ++ticks; });
  w.run_for(3500ms);
  w.freeze(a);
  a.snd(p, 1);
  w.run_for(10s);
  EXPECT_EQ(0, heard);
  EXPECT_EQ(3, ticks);
  w.thaw(a);
  w.run_for(1s);
  EXPECT_EQ(1, heard);
  EXPECT_EQ(5, ticks) << "a late timer fires once, and keeps its schedule";
}

TEST(frozen_nodes, are_lost_when_they_stay_silent_for_too_long) {
  quiet_world w(1);
  node& a = w.make_node("alpha", {.binds = {"alpha:4040"}, .monitor_timeout = 5s});
  node& b = w.make_node("beta", {.seeds = {"alpha:4040"}, .monitor_timeout = 5s});
  const port_id p = a.port([](int) {});
  ASSERT_TRUE(w.run_until([&] { return b.node_is_up(a.id()); }, 5s));
  bool lost = false;
  b.mon(p, [&](const message&) { lost = true; });
  w.run_for(1s);
  w.freeze(a);
  EXPECT_TRUE(w.run_until([&] { return lost; }, 15s));
}

TEST(slow_nodes, read_late_but_everything) {
  quiet_world w(1);
  node& a = w.make_node("alpha", {.binds = {"alpha:4040"}});
  node& b = w.make_node("beta", {.seeds = {"alpha:4040"}});
  int next = 0;
  const port_id p = a.port([&](int number, const std::string&) { next = number == next ? next + 1 : -1; });
  ASSERT_TRUE(w.run_until([&] { return b.node_is_up(a.id()); }, 5s));
  w.slow_down(a, 100ms);
  for (int i = 0; i < 40; ++i) b.snd(p, i, std::string(10'000, 'x'));
  w.run_for(300ms);
  EXPECT_LT(next, 40) << "what does not fit into the window waits";
  ASSERT_TRUE(w.run_until([&] { return next == 40; }, 10s)) << next;
}

TEST(calendars, jump_without_moving_the_clock) {
  quiet_world w(1);
  node& a = w.make_node("alpha", {.binds = {"alpha:4040"}, .monitor_timeout = 5s});
  node& b = w.make_node("beta", {.seeds = {"alpha:4040"}, .monitor_timeout = 5s});
  ASSERT_TRUE(w.run_until([&] { return b.node_is_up(a.id()); }, 5s));
  bool lost = false, fired = false;
  b.mon(a.port([](int) {}), [&](const message&) { lost = true; });
  b.after(2s, [&] { fired = true; });
  w.step_calendar(b, -100h);
  w.step_calendar(a, 100h);
  w.run_for(1s);
  EXPECT_FALSE(fired);
  w.run_for(59s);
  EXPECT_TRUE(fired);
  EXPECT_FALSE(lost);
}

// How often a trace line has this word.
struct counted {
  counted(world& w, std::string word) {
    w.trace_to([this, word = std::move(word)](std::string_view line) {
      count += line.find(word) != std::string_view::npos ? 1 : 0;
    });
  }
  int count = 0;
};

TEST(a_full_accept_queue, lets_further_connections_knock_until_there_is_room) {
  world w(1, {.accept_queue = 2});
  set_log_sink([](int, std::string_view) {});
  node& hub = w.make_node("hub", {.binds = {"hub:4040"}});
  std::vector<node*> others;
  for (int i = 0; i < 5; ++i)
    others.push_back(&w.make_node("n" + std::to_string(i), {.binds = {}, .seeds = {"hub:4040"}}));
  w.freeze(hub);
  const counted accepted(w, " accepted");
  w.run_for(2s);
  EXPECT_EQ(2, accepted.count);
  w.thaw(hub);
  EXPECT_TRUE(w.run_until([&] { return hub.up_nodes().size() == 5; }, 20s)) << hub.up_nodes().size();
  set_log_sink({});
}

TEST(a_lack_of_descriptors, makes_connections_wait) {
  quiet_world w(1);
  node& hub = w.make_node("hub", {.binds = {"hub:4040"}});
  for (int i = 0; i < 3; ++i) w.make_node("n" + std::to_string(i), {.binds = {}, .seeds = {"hub:4040"}});
  w.set_descriptors(hub, 1);
  w.run_for(5s);
  EXPECT_EQ(1u, hub.up_nodes().size());
  w.set_descriptors(hub, 100);
  EXPECT_TRUE(w.run_until([&] { return hub.up_nodes().size() == 3; }, 20s)) << hub.up_nodes().size();
}

TEST(a_lack_of_descriptors, does_not_keep_a_node_from_trying_again) {
  quiet_world w(1);
  w.make_node("hub", {.binds = {"hub:4040"}});
  node& a = w.make_node("alpha", {.binds = {}, .seeds = {"hub:4040"}});
  w.set_descriptors(a, 0);
  w.run_for(5s);
  EXPECT_TRUE(a.up_nodes().empty());
  w.set_descriptors(a, 1);
  EXPECT_TRUE(w.run_until([&] { return a.up_nodes().size() == 1; }, 10s));
}

}  // namespace
}  // namespace aemp::sim
