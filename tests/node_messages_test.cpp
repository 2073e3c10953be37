// The node protocol as a peer of another implementation sees it: monitors, kills, spawn and services, packet
// by packet (aemp-protocol D).
#include <gtest/gtest.h>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

class node_messages : public ::testing::Test {
 protected:
  void SetUp() override {
    echo_ = seed_.node.rcv(*port_id::parse("seed1#echo"), [](const message& m) {
      if (m[0] == value("throw")) throw std::runtime_error("asked to die");
      if (auto to = m[0].to<port_id>()) snd(*to, "echo", m.size());
    });
    seed_.node.define("demo::echo", [](port_id to) {
      rcv(self(), [to](const message& m) {
        if (m[0] == value("throw")) throw std::runtime_error("asked to die");
        snd(to, m);
      });
    });
    seed_.node.define("demo::tell", [](port_id to, int n) { snd(to, "told", n); });
    seed_.start();
    peer_.emplace(seed_.endpoint());
  }

  log_watch log_;
  live_node seed_{config{.nodeid = "seed1", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  port_id echo_;
  std::optional<raw_peer> peer_;
};

TEST_F(node_messages, answers_a_monitor_of_an_unknown_port_at_once) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","mon1","nonexist"])");
  EXPECT_EQ(peer_->read_packet(),
            R"(["","kil0","nonexist","no_such_port","cannot monitor nonexistent port","seed1#nonexist"])");
}

TEST_F(node_messages, spawns_monitors_and_kills_for_a_1x_peer) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","AnyEvent::MP::_spawn","JEKGzRx2C76g3eA1u.g","demo::echo","cli1#M6ZP4CJi.a"])"
              R"(["","mon1","JEKGzRx2C76g3eA1u.g"]["JEKGzRx2C76g3eA1u.g","hello",1.5])"
              R"(["","kil","JEKGzRx2C76g3eA1u.g","my","reason",3])");
  EXPECT_EQ(peer_->read_packet(), R"(["M6ZP4CJi.a","hello",1.5])");
  EXPECT_EQ(peer_->read_packet(), R"(["","kil0","JEKGzRx2C76g3eA1u.g","my","reason",3])");
}

TEST_F(node_messages, kills_for_a_2x_peer_and_names_a_normal_end_with_nothing) {
  peer_->log_in({.node = "cli2", .method = "hmac_sha3_512", .keys = ";mproto=1"});
  peer_->send(R"(["","mon1","echo"]["","kil1","echo"])");
  EXPECT_EQ(peer_->read_packet(), R"(["","kil0","echo"])");
}

TEST_F(node_messages, tells_the_text_of_an_exception) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","AnyEvent::MP::_spawn","x.e","demo::echo","cli1#a"]["","mon1","x.e"]["x.e","throw"])");
  EXPECT_EQ(peer_->read_packet(), R"(["","kil0","x.e","die","asked to die"])");
}

TEST_F(node_messages, tells_that_a_function_does_not_exist) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","AnyEvent::MP::_spawn","x.f","no::such"]["","mon1","x.f"])");
  EXPECT_TRUE(peer_->read_packet().starts_with(R"(["","kil0","x.f","no_such_function",)"));
}

TEST_F(node_messages, forgets_a_monitor_that_was_taken_back) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","mon1","echo"]["","mon0","echo"]["","kil","echo"]["","info","cli1#r"])");
  EXPECT_EQ(peer_->read_packet(), R"(["r","seed1"])");
}

TEST_F(node_messages, cannot_be_made_to_kill_the_node_port) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","kil",""]["","kil1",""]["","info","cli1#r"])");
  EXPECT_EQ(peer_->read_packet(), R"(["r","seed1"])");
}

TEST_F(node_messages, forwards_with_snd_and_snd_multiple) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","snd","seed1#echo","cli1#r",2,3])");
  EXPECT_EQ(peer_->read_packet(), R"(["r","echo",3])");
  peer_->send(R"(["","snd_multiple",["cli1#a",1],["cli1#b",2,"x"]])");
  EXPECT_EQ(peer_->read_packet(), R"(["a",1])");
  EXPECT_EQ(peer_->read_packet(), R"(["b",2,"x"])");
}

TEST_F(node_messages, lists_nodes) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","up_nodes","cli1#r",7]["","known_nodes","cli1#k"])");
  EXPECT_EQ(peer_->read_packet(), R"(["r",7,"cli1"])");
  EXPECT_NE(peer_->read_packet().find("\"cli1\""), std::string::npos);
}

TEST_F(node_messages, calls_defined_functions_and_refuses_eval) {
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","demo::tell","cli1#r","42"])");
  EXPECT_EQ(peer_->read_packet(), R"(["r","told",42])");
  peer_->send(R"(["","no::such",1]["","eval","exit","cli1#e"])");
  EXPECT_TRUE(peer_->read_packet().starts_with(R"(["e","node seed1 evaluates no code)"));
  EXPECT_NE(log_.wait_for("no::such"), "");
}

TEST_F(node_messages, ignores_keepalives_and_nonsense) {
  peer_->log_in({.node = "cli1"});
  peer_->send(
      "[] "
      "[\"\"]\n[\"\",\"\"][\"\",\"devnull\",1][\"nobody\",1][\"\",{}][\"\",\"snd\"][\"\",\"mon1\"][null,"
      "\"info\",\"cli1#r\"]");
  EXPECT_EQ(peer_->read_packet(), R"(["r","seed1"])");
}

TEST_F(node_messages, tells_local_monitors_when_the_peer_is_gone) {
  awaited<message> reason;
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","info","cli1#r"])");
  peer_->read_packet();
  seed_.node.mon(*port_id::parse("cli1#p"), [&](const message& m) { reason.set(m); });
  EXPECT_EQ(peer_->read_packet(), R"(["","mon1","p"])");
  peer_.reset();
  const message m = reason.get();
  EXPECT_EQ(m[0], value("transport_error"));
  EXPECT_EQ(m[1], value("cli1"));
  EXPECT_NE(m[2].to_string().find("Unexpected end-of-file"), std::string::npos) << m;
}

TEST_F(node_messages, takes_the_death_notice_of_a_monitored_port) {
  awaited<message> reason;
  peer_->log_in({.node = "cli1"});
  peer_->send(R"(["","info","cli1#r"])");
  peer_->read_packet();
  seed_.node.mon(*port_id::parse("cli1#p"), [&](const message& m) { reason.set(m); });
  EXPECT_EQ(peer_->read_packet(), R"(["","mon1","p"])");
  seed_.node.kil(*port_id::parse("cli1#p"), "go", "away");
  EXPECT_EQ(peer_->read_packet(), R"(["","kil","p","go","away"])");
  peer_->send(R"(["","kil0","p","gone",1])");
  EXPECT_EQ(reason.get(), message("gone", 1));
}

}  // namespace
}  // namespace aemp::testing
