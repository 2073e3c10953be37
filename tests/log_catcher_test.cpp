// The log catcher against peers of both protocol versions, byte by byte (aemp-protocol F.2, I.6), and between
// two nodes.
#include <gtest/gtest.h>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

class log_catcher : public ::testing::Test {
 protected:
  log_catcher() {
    seed_.start();
    peer_.emplace(seed_.endpoint());
  }
  // Everything that was sent before has been handled.
  void settle(const std::string& node) {
    peer_->send(R"(["","info",")" + node + R"(#here"])");
    EXPECT_EQ(peer_->read_packet(), R"(["here","seed1"])");
  }

  log_watch log_;
  live_node seed_{config{.nodeid = "seed1", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  std::optional<raw_peer> peer_;
};

TEST_F(log_catcher, sends_a_1x_peer_level_and_text_until_its_port_dies) {
  peer_->log_in({.node = "perl"});
  peer_->send(R"(["","AnyEvent::MP::LogCatcher::connect",0,"perl#L",2])");
  EXPECT_EQ(peer_->read_packet(), R"(["","mon1","L"])");
  log(3, "too much");
  log(2, "a warning");
  EXPECT_EQ(peer_->read_packet(), R"(["L",2,"a warning"])");
  peer_->send(R"(["","kil0","L"])");
  settle("perl");
  log(1, "too late");
  settle("perl");
}

TEST_F(log_catcher, sends_a_2x_peer_time_title_level_and_text) {
  peer_->log_in({.node = "perl2", .method = "hmac_sha3_512", .keys = ";mproto=1"});
  peer_->send(R"(["","AnyEvent::MP::LogCatcher::connect",0,"perl2#L","5"])");
  EXPECT_EQ(peer_->read_packet(), R"(["","mon1","L"])");
  log(5, "dropped");
  const auto packet = message::from_json(peer_->read_packet());
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->size(), 5u);
  EXPECT_EQ((*packet)[0], value("L"));
  EXPECT_GT((*packet)[1].as<double>(), 1e9);
  EXPECT_EQ((*packet)[2], value("aemp"));
  EXPECT_EQ((*packet)[3], value(5));
  EXPECT_EQ((*packet)[4], value("dropped"));
}

TEST_F(log_catcher, takes_the_last_level_that_a_port_asked_for) {
  peer_->log_in({.node = "perl"});
  peer_->send(R"(["","AnyEvent::MP::LogCatcher::connect",0,"perl#L",9])");
  EXPECT_EQ(peer_->read_packet(), R"(["","mon1","L"])");
  peer_->send(R"(["","AnyEvent::MP::LogCatcher::connect",0,"perl#L",1])");
  settle("perl");
  log(2, "too much");
  log(1, "an error");
  EXPECT_EQ(peer_->read_packet(), R"(["L",1,"an error"])");
}

TEST_F(log_catcher, refuses_what_makes_no_sense_and_ports_of_others) {
  peer_->log_in({.node = "perl"});
  peer_->send(R"(["","AnyEvent::MP::LogCatcher::connect",1,"perl#L",9])"
              R"(["","AnyEvent::MP::LogCatcher::connect",0,"perl#L"])"
              R"(["","AnyEvent::MP::LogCatcher::connect"])"
              R"(["","AnyEvent::MP::LogCatcher::connect",0,"victim#L",9])");
  settle("perl");
  log(0, "nobody hears");
  settle("perl");
  EXPECT_NE(log_.wait_for("it asks for version 1, there is only 0"), "");
  EXPECT_NE(log_.wait_for("port victim#L is another node's"), "");
}

TEST_F(log_catcher, asks_perl_nodes_for_their_logs_and_reads_both_forms) {
  awaited<message> got;
  seed_.node.catch_logs(7, [&](const message& line) { got.set(line); });
  peer_->log_in({.node = "perl"});
  const std::string request = peer_->read_packet();
  const std::string head = R"(["","AnyEvent::MP::LogCatcher::connect",0,"seed1#)";
  ASSERT_TRUE(request.starts_with(head)) << request;
  ASSERT_TRUE(request.ends_with(R"(",7])")) << request;
  const std::string port = request.substr(head.size(), request.rfind('"') - head.size());
  peer_->send(R"(["","mon1",")" + port + R"("][")" + port + R"(",2,"from 1.x\n"])");
  message line = got.get();
  EXPECT_EQ(line[0], value("perl"));
  EXPECT_EQ(line[1], value(2));
  EXPECT_EQ(line[2], value("from 1.x"));
  peer_->send("[\"" + port + R"(",1532400000.25,"AnyEvent::MP",4,"from 2.x"])");
  line = got.get();
  EXPECT_EQ(line, message("perl", 4, "from 2.x", 1532400000.25, "AnyEvent::MP"));
}

TEST_F(log_catcher, asks_1x_nodes_for_no_line_that_is_about_its_own_way) {
  seed_.node.catch_logs(9, [](const message&) {});
  peer_->log_in({.node = "perl"});
  EXPECT_TRUE(peer_->read_packet().ends_with(R"(",8])"));
  raw_peer modern(seed_.endpoint());
  modern.log_in({.node = "perl2", .method = "hmac_sha3_512", .keys = ";mproto=1"});
  EXPECT_TRUE(modern.read_packet().ends_with(R"(",9])"));
}

TEST_F(log_catcher, carries_lines_between_two_nodes) {
  live_node other(config{.nodeid = "other", .binds = {}, .seeds = {seed_.endpoint()}, .secret = "geheim"});
  awaited<std::string> got, up;
  other.node.catch_logs(0, [&](std::string node, int level, std::string text) {
    if (text.starts_with("hello")) got.set(node + " " + std::to_string(level) + " " + text);
  });
  other.node.mon_nodes([&](std::string node, bool) { up.set(node); });
  other.start();
  EXPECT_EQ(up.get(), "seed1");
  awaited<int> asked;  // seed1 has answered something that was asked later
  other.node.cal(*port_id::parse("seed1"), "info").then([&] { asked.set(1); });
  asked.get();
  log(0, "hello");
  EXPECT_EQ(got.get(), "seed1 0 hello");
}

}  // namespace
}  // namespace aemp::testing
