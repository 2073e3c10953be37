#include "mesh/liveness.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

// A connection that notes what its timer asks of it.
class fake_connection final : public liveness_owner {
 public:
  explicit fake_connection(test_node& n) : n_(n), alive(n.core.network_worker(), s_, *this) {}

  void handshake_timed_out() override { end("too slow"); }
  void fell_silent(core::duration) override { end("silent"); }
  void look() override { ++looks; }
  bool is_writing() const override { return writing; }
  core::time_point last_write() const override { return last; }
  void send_heartbeat() override {
    ++heartbeats;
    last = now();
  }
  core::time_point now() const { return n_.core.network_worker().now(); }

  bool writing = false;
  core::time_point last{};
  int looks = 0, heartbeats = 0;
  std::string ended;

 private:
  void end(const char* why) {
    ended = why;
    alive.stop();
  }
  test_node& n_;
  const settings s_ = plain_settings();  // a monitor_timeout of 30 s

 public:
  liveness alive;
};

class timer_of_a_connection : public testing::Test {
 protected:
  void ready(std::optional<core::duration> announced) {
    n_.act([&] { c_.alive.begin_heartbeats(announced); });
  }

  test_world w_;
  test_node& n_ = w_.add("node");
  fake_connection c_{n_};
};

TEST_F(timer_of_a_connection, ends_a_handshake_in_which_nothing_comes) {
  c_.alive.start();
  w_.run(29s);
  EXPECT_EQ("", c_.ended);
  w_.run(2s);
  EXPECT_EQ("too slow", c_.ended);
}

TEST_F(timer_of_a_connection, gives_a_handshake_twice_that_time_at_most) {
  c_.alive.start();
  for (int i = 0; i < 5; ++i) {
    w_.run(11s);
    c_.alive.heard(c_.now());
  }
  EXPECT_EQ("", c_.ended);
  w_.run(6s);
  EXPECT_EQ("too slow", c_.ended);
}

TEST_F(timer_of_a_connection, sends_a_heartbeat_when_nothing_was_written_for_a_third_of_the_announced_time) {
  ready(12s);
  c_.heartbeats = 0;
  for (int i = 0; i < 12; ++i) {
    c_.alive.heard(c_.now());
    w_.run(10s);
  }
  EXPECT_NEAR(30, c_.heartbeats, 2);
  EXPECT_EQ("", c_.ended);
}

TEST_F(timer_of_a_connection, sends_no_heartbeat_behind_what_is_being_written) {
  c_.writing = true;
  ready({});
  w_.run(10min);
  EXPECT_EQ(0, c_.heartbeats);
}

TEST_F(timer_of_a_connection, asks_for_a_look_before_it_takes_the_peer_for_dead) {
  ready(30s);
  w_.run(28s);
  EXPECT_EQ(1, c_.looks);
  EXPECT_EQ("", c_.ended);
  w_.run(3s);
  EXPECT_EQ("silent", c_.ended);
}

TEST_F(timer_of_a_connection, forgets_its_suspicion_when_something_comes) {
  ready(30s);
  w_.run(28s);
  c_.alive.heard(c_.now());
  w_.run(28s);
  EXPECT_EQ(2, c_.looks);
  EXPECT_EQ("", c_.ended);
}

TEST_F(timer_of_a_connection, does_not_mind_the_silence_of_a_peer_that_announced_nothing) {
  ready({});
  w_.run(1h);
  EXPECT_EQ(0, c_.looks);
  EXPECT_EQ("", c_.ended);
}

TEST_F(timer_of_a_connection, does_not_count_the_time_in_which_nothing_is_read) {
  ready(30s);
  c_.alive.pause();
  w_.run(5min);
  EXPECT_EQ("", c_.ended);
  c_.alive.resume(c_.now());
  w_.run(31s);
  EXPECT_EQ("silent", c_.ended);
}

}  // namespace
}  // namespace aemp::mesh
