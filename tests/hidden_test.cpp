// Hidden nodes over TCP: through a master of this library, and as a peer of another implementation sees it.
#include <gtest/gtest.h>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

class hidden_over_tcp : public ::testing::Test {
 protected:
  void SetUp() override {
    master_.start();
    hidden_.node.become_slave(master_.endpoint());
    id_ = "laptop@" + master_.endpoint();
    hidden_.node.rcv(*port_id::parse(id_ + "#echo"), [](port_id to, const value& v) { snd(to, "echo", v); });
    hidden_.node.mon_nodes([this](const std::string& node, bool up) {
      if (node == "master" && up) ready_.set(true);
    });
    hidden_.start();
    ready_.get();
  }

  log_watch log_;
  awaited<bool> ready_;
  live_node master_{config{.nodeid = "master", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  live_node hidden_{config{.nodeid = "laptop", .binds = {}, .secret = "geheim"}};
  std::string id_;
};

TEST_F(hidden_over_tcp, is_reached_by_a_node_that_has_its_port_id) {
  live_node other{config{.nodeid = "other", .binds = {}, .secret = "geheim"}};
  awaited<std::string> heard;
  awaited<message> reason;
  const port_id ear = other.node.port([&](const std::string&, std::string text) { heard.set(text); });
  const port_id echo = *port_id::parse(id_ + "#echo");
  other.node.mon(echo, [&](const message& m) { reason.set(m); });
  other.start();
  other.node.snd(echo, ear, std::string(1'000'000, 'x') + "end");
  EXPECT_TRUE(heard.get().ends_with("xend"));
  hidden_.node.kil(echo, "closed");
  EXPECT_EQ("closed", reason.get().to_string());
}

TEST_F(hidden_over_tcp, is_sent_to_by_the_masters_node_port_for_any_peer) {
  raw_peer perl(master_.endpoint());
  perl.log_in({.node = "perl"});
  perl.send(R"(["","snd",")" + id_ + R"(#echo",")" + "master#nobody" + R"(",1])");
  EXPECT_NE("", log_.wait_for("a message to master#nobody was dropped"));
}

}  // namespace
}  // namespace aemp::testing
