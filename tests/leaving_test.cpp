// Nodes that stop, over TCP and with threads of their own.
#include <aemp/aemp.hpp>

#include <gtest/gtest.h>

#include "tests/live_node.hpp"

namespace aemp {
namespace {

using namespace std::chrono_literals;
using testing::awaited;
using testing::live_node;

config named(const std::string& id) { return {.nodeid = id, .binds = {"127.0.0.1:0"}, .secret = "s"}; }

class leaving : public ::testing::TestWithParam<unsigned> {
 protected:
  leaving() {
    seed_.start();
    seed_.node.mon_nodes([this](std::string, bool is_up, rest why) {
      if (is_up) return up_.set(1);
      down_.set(why[0].to_string());
    });
  }
  config guest() {
    config c = named("guest");
    c.seeds = {seed_.endpoint()};
    c.workers = GetParam();
    return c;
  }

  awaited<int> up_;
  awaited<std::string> down_;
  live_node seed_{named("seed")};
};

TEST_P(leaving, by_stop_is_no_crash) {
  config c = guest();
  c.norc = true;
  node guest_node(c);
  awaited<int> sees_seed;
  const auto watch = guest_node.mon_nodes([&](std::string, bool is_up) {
    if (is_up) sees_seed.set(1);
  });
  std::thread runs([&] { guest_node.run(); });
  up_.get();
  sees_seed.get();  // until then there is nobody to say goodbye to
  guest_node.stop();
  runs.join();
  EXPECT_EQ("node_stopped", down_.get()) << "while the node itself still exists";
  std::thread again([&] { guest_node.run(); });
  up_.get();
  sees_seed.get();  // until then there is nobody to say goodbye to
  guest_node.stop();
  again.join();
  EXPECT_EQ("node_stopped", down_.get());
}

// The other side may be through with the handshake first.
TEST_P(leaving, by_stop_during_a_handshake_is_told_as_well) {
  for (int i = 0; i < 5; ++i) {
    config c = guest();
    c.norc = true;
    node guest_node(c);
    std::thread runs([&] { guest_node.run(); });
    up_.get();
    guest_node.stop();
    runs.join();
    const std::string why = down_.get();
    EXPECT_TRUE(why == "node_stopped" || why == "transport_error") << why;
  }
}

TEST_P(leaving, by_drain_loses_nothing) {
  constexpr int messages = 20'000;
  awaited<int> all;
  int heard = 0;
  const port_id inbox = seed_.node.port([&](int n, std::string) {
    if (n == heard) ++heard;
    if (heard == messages) all.set(heard);
  });
  config c = guest();
  c.norc = true;
  node me(c);
  // Each message goes through a port of the node, on any of its workers, before it leaves.
  const port_id sender = me.spawn(on_worker(GetParam() - 1), [&me, inbox] {
    rcv(self(), [&me, inbox](int n) { me.snd(inbox, n, std::string(200, 'x')); });
  });
  for (int i = 0; i < messages; ++i) me.snd(sender, i);
  me.drain(10s, 5);
  EXPECT_EQ(5, me.run());
  EXPECT_TRUE(me.drained());
  EXPECT_EQ(messages, all.get());
  EXPECT_EQ("node_stopped", down_.get());
}

TEST_P(leaving, by_drain_ends_at_the_limit) {
  config c = guest();
  c.norc = true;
  node me(c);
  const port_id endless = me.port([&](port_id itself) { snd(itself, itself); });
  me.snd(endless, endless);
  me.drain(200ms);
  EXPECT_EQ(0, me.run());
  EXPECT_FALSE(me.drained());
}

INSTANTIATE_TEST_SUITE_P(workers, leaving, ::testing::Values(1u, 3u));

TEST(a_private_node, can_be_drained) {
  node me;
  int handled = 0;
  const port_id p = me.port([&](int) { ++handled; });
  for (int i = 0; i < 1000; ++i) me.snd(p, i);
  me.drain(10s);
  EXPECT_EQ(0, me.run());
  EXPECT_EQ(1000, handled);
  EXPECT_TRUE(me.drained());
}

}  // namespace
}  // namespace aemp
