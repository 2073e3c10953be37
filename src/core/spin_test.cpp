// Looking for work before sleeping: only where it was asked for, and only while it pays.
#include "core/spin.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

using namespace std::chrono_literals;

TEST(spin, never_pays_without_a_limit) {
  spin s;
  EXPECT_FALSE(s.enabled());
  for (int i = 0; i < 100; ++i) s.slept(0ns);
  EXPECT_FALSE(s.pays());
}

TEST(spin, pays_after_a_short_sleep_and_as_long_as_it_finds_something) {
  spin s;
  s.set_limit(50us);
  EXPECT_FALSE(s.pays());
  s.slept(50us);
  EXPECT_FALSE(s.pays()) << "a search would have been in vain";
  s.slept(49us);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(s.pays());
    s.searched(true);
  }
}

TEST(spin, a_search_in_vain_has_to_be_earned_anew) {
  spin s;
  s.set_limit(50us);
  s.slept(1us);
  s.searched(false);
  for (int i = 0; i < 16; ++i) {
    EXPECT_FALSE(s.pays());
    s.slept(1s);
    s.slept(1us);
  }
  EXPECT_TRUE(s.pays());
}

// Two workers play ball, with messages that cross; each looks for the next one instead of sleeping. And the
// node stops, though its workers look for work for a very long time.
TEST(spin, workers_that_look_for_work_get_every_message_and_stop) {
  detail::local_node node({.node_id = "spinning",
                           .uniq = "s",
                           .crew = {.workers = 2,
                                    .clock = &steady_clock(),
                                    .make_poller = [](unsigned, bool) { return make_condition_poller(); },
                                    .spin = 1h}});
  node_functions me(node);
  std::atomic<int> left = 50;
  const auto player = [&](const port_id& other) {
    rcv(self(), "ball", [&, other](const port_id& from) {
      if (--left == 0) return node.stop(0);
      snd(from, "ball", self());
    });
    if (other) snd(other, "ball", self());
  };
  const port_id first = me.spawn(player, port_id());
  me.spawn(player, first);
  node.run();
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace aemp::core
