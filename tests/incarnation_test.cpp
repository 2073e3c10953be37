// A node of another implementation that is started anew while its old connection hangs: the old one is a
// socket on which nobody reads or answers any more (aemp-protocol J.9).
#include <gtest/gtest.h>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

class incarnations : public ::testing::Test {
 protected:
  void SetUp() override {
    seed_.node.rcv(*port_id::parse("seed1#hear"), [this](std::string text) { heard_.set(text); });
    seed_.start();
  }

  awaited<std::string> heard_;
  awaited<message> reason_;
  log_watch log_;
  live_node seed_{
      config{.nodeid = "seed1", .binds = {"127.0.0.1:0"}, .secret = "geheim", .monitor_timeout = 3s}};
};

TEST_F(incarnations, of_a_node_replace_one_that_is_silent_and_monitors_fire_first) {
  raw_peer old(seed_.endpoint());
  old.log_in({.node = "cli1"});
  old.send(R"(["hear","from the old one"])");
  EXPECT_EQ("from the old one", heard_.get());
  seed_.node.mon(*port_id::parse("cli1#p"), [this](const message& m) { reason_.set(m); });

  raw_peer again(seed_.endpoint());
  const auto begin = std::chrono::steady_clock::now();
  again.log_in({.node = "cli1"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  EXPECT_TRUE(reason_.get().to_string().starts_with("transport_error cli1 "));
  again.send(R"(["hear","from the new one"]["","info","cli1#r"])");
  EXPECT_EQ("from the new one", heard_.get());
  EXPECT_EQ(R"(["r","seed1"])", again.read_packet());
}

TEST_F(incarnations, of_a_node_are_refused_while_the_first_one_answers) {
  raw_peer first(seed_.endpoint());
  first.log_in({.node = "cli1", .method = "hmac_sha3_512", .keys = ";mproto=1"});
  raw_peer second(seed_.endpoint());
  std::thread intruder([&] { EXPECT_ANY_THROW(second.log_in({.node = "cli1"})); });
  const std::string question = first.read_packet();
  EXPECT_TRUE(question.starts_with(R"(["","snd","seed1#","devnull",)")) << question;
  first.send(R"(["","devnull",)" + question.substr(question.rfind(',') + 1));
  intruder.join();
  EXPECT_NE("", log_.wait_for("two nodes call themselves cli1"));
  first.send(R"(["hear","still here"])");
  EXPECT_EQ("still here", heard_.get());
}

}  // namespace
}  // namespace aemp::testing
