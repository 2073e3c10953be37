// Worlds whose nodes stop in order: what is under way gets out before.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

// Beta knows alpha as a seed, and monitors a port there.
class leaving : public testing::Test {
 protected:
  leaving() {
    set_log_sink([this](int, std::string_view text) { logged_ += std::string(text) + '\n'; });
    a_.rcv(inbox_, [this](const message& m) { heard_.push_back(m.to_string()); });
    b_.mon(inbox_, [this](const message& reason) { reason_ = reason.to_string(); });
    EXPECT_TRUE(w_.run_until([&] { return a_.node_is_up("beta") && b_.node_is_up("alpha"); }, 10s));
    w_.run_for(1s);
  }
  ~leaving() override { set_log_sink({}); }

  world w_{7};
  node& a_ = w_.make_node("alpha", {.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {}});
  node& b_ = w_.make_node("beta", {.nodeid = "beta", .binds = {"beta:4040"}, .seeds = {"alpha:4040"}});
  const port_id inbox_ = *port_id::parse("alpha#inbox");
  std::vector<std::string> heard_;
  std::string reason_, logged_;
};

TEST_F(leaving, by_stop_is_told_to_the_others) {
  a_.stop();
  ASSERT_TRUE(w_.run_until([&] { return !reason_.empty(); }, 1s)) << logged_;
  EXPECT_EQ("node_stopped alpha node alpha has stopped", reason_);
  EXPECT_FALSE(a_.drained());
}

TEST_F(leaving, by_a_crash_is_not) {
  w_.kill(a_);
  ASSERT_TRUE(w_.run_until([&] { return !reason_.empty(); }, 1s)) << logged_;
  EXPECT_TRUE(reason_.starts_with("transport_error alpha ")) << reason_;
}

TEST_F(leaving, by_drain_waits_for_messages_on_a_narrow_link) {
  w_.set_link("beta", "alpha", {.bytes_per_second = 1'000'000});
  for (int i = 0; i < 20; ++i) b_.snd(inbox_, std::string(100'000, 'x'));
  b_.drain(60s);
  ASSERT_TRUE(w_.run_until([&] { return heard_.size() == 20; }, 60s)) << heard_.size();
  w_.run_for(1s);
  EXPECT_FALSE(a_.node_is_up("beta"));
  EXPECT_TRUE(b_.drained()) << logged_;
}

TEST_F(leaving, by_drain_stops_at_the_limit_and_says_so) {
  w_.set_link("beta", "alpha", {.frozen = true});
  for (int i = 0; i < 20; ++i) b_.snd(inbox_, std::string(100'000, 'x'));
  b_.drain(2s);
  w_.run_for(1900ms);
  EXPECT_TRUE(b_.node_is_up("alpha"));
  w_.run_for(200ms);
  EXPECT_FALSE(b_.node_is_up("alpha")) << logged_;
  EXPECT_FALSE(b_.drained());
  EXPECT_NE(std::string::npos, logged_.find("node beta stops although not all is out")) << logged_;
}

TEST_F(leaving, by_drain_dials_those_that_messages_wait_for) {
  node& c = w_.make_node("gamma", {.nodeid = "gamma", .binds = {"gamma:4040"}, .seeds = {}});
  std::string heard;
  c.rcv(*port_id::parse("gamma#inbox"), [&](std::string text) { heard = text; });
  b_.snd(*port_id::parse("gamma:4040#inbox"), "in time");
  b_.drain(10s);
  EXPECT_TRUE(w_.run_until([&] { return heard == "in time"; }, 5s)) << logged_;
  w_.run_for(1s);
  EXPECT_TRUE(b_.drained());
}

TEST_F(leaving, by_drain_handles_what_its_ports_have_still_to_do) {
  int steps = 0;
  const port_id worker = b_.port();
  b_.rcv(worker, [&, worker](int left) {
    ++steps;
    if (left > 0) return b_.snd(worker, left - 1);
    b_.snd(inbox_, "done");
  });
  b_.snd(worker, 5000);
  b_.drain(10s);
  EXPECT_TRUE(w_.run_until([&] { return heard_ == std::vector<std::string>{"done"}; }, 5s));
  EXPECT_EQ(5001, steps);
  w_.run_for(1s);
  EXPECT_TRUE(b_.drained());
  EXPECT_FALSE(a_.node_is_up("beta"));
}

TEST_F(leaving, by_drain_takes_no_new_work) {
  int spawned = 0;
  a_.define("work", [&] {
    ++spawned;
    rcv(self(), [] {});
  });
  std::string why;
  // Something keeps it from being through.
  w_.set_link("alpha", "beta", {.frozen = true});
  a_.snd(*port_id::parse("beta#any"), std::string(1'000'000, 'x'));
  a_.drain(5s);
  w_.run_for(100ms);
  const port_id user = b_.port();
  b_.peval(user, [&] { mon(spawn("alpha", "work"), [&](const message& m) { why = m.to_string(); }); });
  node& c = w_.make_node("gamma", {.nodeid = "gamma", .seeds = {"alpha:4040"}});
  w_.run_for(1s);
  EXPECT_EQ(0, spawned);
  EXPECT_FALSE(a_.node_is_up("gamma"));
  w_.set_link("alpha", "beta", {});
  ASSERT_TRUE(w_.run_until([&] { return !why.empty(); }, 5s));
  EXPECT_TRUE(why.starts_with("node_is_leaving ")) << why;
  EXPECT_TRUE(c.up_nodes().empty());
  w_.run_for(1s);
  EXPECT_TRUE(a_.drained());
  EXPECT_TRUE(reason_.starts_with("node_stopped ")) << reason_;
}

TEST_F(leaving, by_drain_lets_closed_data_connections_send_what_they_have) {
  std::string sunk;
  bool whole = false;
  data_connection kept;
  a_.define_data("sink", [&](data_connection c) {
    kept = c;
    c.on_data([&](std::string_view bytes) { sunk += bytes; });
    c.on_closed([&](const std::string& text) { whole = text.empty(); });
  });
  w_.set_link("beta", "alpha", {.bytes_per_second = 1'000'000});
  const port_id p = b_.port([] {});
  bool open = false;
  b_.peval(p, [&] {
    connect_to("alpha", 5s, "sink", [&](data_connection c) {
      c.write(std::string(3'000'000, 'y'));
      c.close();
      open = true;
    });
  });
  ASSERT_TRUE(w_.run_until([&] { return open; }, 10s));
  b_.drain(60s);
  ASSERT_TRUE(w_.run_until([&] { return whole; }, 20s)) << sunk.size() << logged_;
  EXPECT_EQ(3'000'000u, sunk.size());
  w_.run_for(1s);
  EXPECT_TRUE(b_.drained());
}

TEST_F(leaving, by_drain_of_an_idle_node_takes_no_time) {
  b_.drain(60s);
  const auto before = w_.elapsed();
  ASSERT_TRUE(w_.run_until([&] { return b_.drained(); }, 60s));
  EXPECT_GT(100ms, w_.elapsed() - before);
}

TEST_F(leaving, names_of_seeds_may_have_no_address_when_a_node_is_made) {
  w_.silence_name_server(true);
  node& c = w_.make_node("gamma", {.nodeid = "gamma", .binds = {}, .seeds = {"seed.test:4040"}});
  w_.run_for(100s);
  EXPECT_TRUE(c.up_nodes().empty());
  w_.set_name("seed.test", {"10.0.0.1"});
  w_.silence_name_server(false);
  EXPECT_TRUE(w_.run_until([&] { return c.node_is_up("alpha"); }, 40s)) << logged_;
}

}  // namespace
}  // namespace aemp::sim
