// The global protocols as peers of the original see them, packet by packet (aemp-protocol E.1, E.4, I.5).
#include <gtest/gtest.h>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

class group_messages : public ::testing::Test {
 protected:
  void start(std::string group = {}) {
    port_ = seed_.node.rcv(*port_id::parse("seed1#p"), [](const message&) {});
    if (!group.empty()) seed_.node.grp_reg(group, port_);
    seed_.start();
    peer_.emplace(seed_.endpoint());
  }

  // As a 1.30 node; `rendezvous` is the node's port at the peer.
  void log_in_1x() {
    peer_->log_in({.node = "cli1", .groups = true});
    const std::string spawn = peer_->read_packet();
    const std::string head = R"(["","AnyEvent::MP::_spawn",")";
    ASSERT_TRUE(spawn.starts_with(head)) << spawn;
    const std::size_t end = spawn.find('"', head.size());
    rendezvous_ = spawn.substr(head.size(), end - head.size());
    EXPECT_EQ(head + rendezvous_ + R"(","AnyEvent::MP::Global::connect",0,"seed1"])", spawn);
    EXPECT_EQ(R"(["","mon1",")" + rendezvous_ + "\"]", peer_->read_packet());
  }
  std::string to_rendezvous(const std::string& rest) { return "[\"" + rendezvous_ + "\"," + rest + "]"; }
  void set_up(const std::string& groups = "{}") {
    peer_->send(R"(["","AnyEvent::MP::_spawn","JVD.b","AnyEvent::MP::Global::connect",0,"cli1"])"
                R"(["","mon1","JVD.b"]["JVD.b","addr",["127.0.0.1:1"]]["JVD.b","set",)" +
                groups + R"(]["JVD.b","setup"])");
  }
  void log_in_2x(const std::string& node = "s2") {
    peer_->log_in({.node = node, .method = "hmac_sha3_512", .keys = ";mproto=1;gproto=1", .groups = true});
  }
  // Answers behind all that was sent before.
  void sync() {
    peer_->send(R"(["","time","cli1#sync"])");
    while (!peer_->read_packet().starts_with(R"(["sync",)")) {
    }
  }

  log_watch log_;
  live_node seed_{config{.nodeid = "seed1", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  port_id port_;
  std::optional<raw_peer> peer_;
  std::string rendezvous_;
};

TEST_F(group_messages, set_up_version_1_in_the_order_of_the_original) {
  start("echogrp");
  log_in_1x();
  EXPECT_EQ(to_rendezvous("\"addr\",[\"" + seed_.endpoint() + "\"]"), peer_->read_packet());
  EXPECT_EQ(to_rendezvous(R"("set",{"echogrp":["seed1#p"]})"), peer_->read_packet());
  EXPECT_EQ(to_rendezvous(R"("setup")"), peer_->read_packet());
  EXPECT_EQ(to_rendezvous(R"("seedme1")"), peer_->read_packet());
}

TEST_F(group_messages, tell_version_1_of_a_port_that_comes_and_goes) {
  start();
  log_in_1x();
  EXPECT_EQ(to_rendezvous("\"addr\",[\"" + seed_.endpoint() + "\"]"), peer_->read_packet());
  EXPECT_EQ(to_rendezvous(R"("setup")"), peer_->read_packet());
  EXPECT_EQ(to_rendezvous(R"("seedme1")"), peer_->read_packet());
  seed_.node.grp_reg("g", port_);
  EXPECT_EQ(to_rendezvous(R"("reg1","g","seed1#p")"), peer_->read_packet());
  seed_.node.kil(port_);
  EXPECT_EQ(to_rendezvous(R"("reg0","g","seed1#p")"), peer_->read_packet());
}

TEST_F(group_messages, learn_groups_from_version_1_and_forget_them_with_the_node) {
  start();
  log_in_1x();
  awaited<std::string> story;
  seed_.node.grp_mon("g",
                     [&](std::vector<port_id> all, std::vector<port_id> added, std::vector<port_id> removed) {
                       std::string told;
                       for (const port_id& p : all) told += p.str() + " ";
                       for (const port_id& p : added) told += "+" + p.str();
                       for (const port_id& p : removed) told += "-" + p.str();
                       story.set(told);
                     });
  set_up(R"({"g":["cli1#a"]})");
  EXPECT_EQ("cli1#a +cli1#a", story.get());
  peer_->send(R"(["JVD.b","reg1","g","cli1#b"])");
  EXPECT_EQ("cli1#a cli1#b +cli1#b", story.get());
  peer_->send(R"(["JVD.b","reg0","g","cli1#a"])");
  EXPECT_EQ("cli1#b -cli1#a", story.get());
  peer_.reset();
  EXPECT_EQ("-cli1#b", story.get());
}

TEST_F(group_messages, answer_seedme1_and_find_of_version_1_with_addresses) {
  start();
  log_in_1x();
  set_up();
  peer_->send(R"(["JVD.b","seedme1"]["JVD.b","find","cli1"]["JVD.b","find","nobody"])");
  std::string packet;
  while (packet.find("\"nodes\"") == std::string::npos) packet = peer_->read_packet();
  EXPECT_EQ(to_rendezvous(R"("nodes",{"cli1":["127.0.0.1:1"]})"), packet);
  EXPECT_EQ(to_rendezvous(R"("nodes",{"cli1":["127.0.0.1:1"]})"), peer_->read_packet());
}

TEST_F(group_messages, contain_nonsense_of_version_1) {
  start("g");
  log_in_1x();
  set_up(R"({"g":["seed1#p","other#x","cli1#mine"],"h":7})");
  peer_->send(
      R"(["JVD.b","nodes",[1,2]]["JVD.b","nodes",{"x":{"y":1}}]["JVD.b","addr",{"a":1}]["JVD.b","set","foo"])"
      R"(["JVD.b","reg1"]["JVD.b","reg0","g","seed1#p"]["JVD.b","what",1,2]["JVD.b"])");
  EXPECT_NE("", log_.wait_for("registers port other#x in group g, which is not its own"));
  EXPECT_NE("", log_.wait_for("malformed reg1"));
  sync();
  std::vector<port_id> known = seed_.node.grp_get("g");
  EXPECT_EQ((std::vector<port_id>{*port_id::parse("cli1#mine"), *port_id::parse("seed1#p")}), known);
}

TEST_F(group_messages, refuse_a_rendezvous_port_in_another_nodes_name) {
  start();
  log_in_1x();
  peer_->send(
      R"(["","AnyEvent::MP::_spawn","J.b","AnyEvent::MP::Global::connect",0,"other"]["","mon1","J.b"])");
  std::string packet;
  while (packet.find("kil0") == std::string::npos) packet = peer_->read_packet();
  EXPECT_EQ(R"(["","kil0","J.b","no_such_port","cannot monitor nonexistent port","seed1#J.b"])", packet);
  EXPECT_NE("", log_.wait_for("claims to be other"));
}

TEST_F(group_messages, limit_the_nodes_that_a_peer_can_invent) {
  start();
  log_in_1x();
  set_up();
  std::string invented;
  for (int i = 0; i < 1000; ++i) {
    invented += (i == 0 ? "" : ",") + ("\"fake" + std::to_string(i)) + "\":[\"127.0.0.1:1\"]";
  }
  peer_->send(R"(["JVD.b","nodes",{)" + invented + "}]");
  EXPECT_NE("", log_.wait_for("names 744 nodes to connect to while 256"));
  EXPECT_LE(seed_.node.known_nodes().size(), 257u);
}

// The start of a slave as captured: it asks for a global node, and gets one.
TEST_F(group_messages, serve_a_slave_of_version_2) {
  start("echogrp");
  log_in_2x();
  peer_->send(
      R"(["","g_slave"]["","g_slave"]["","g_slave",{"'l":{"s2":["127.0.0.1:45484"]}}]["","g_find","seed1"]["","g_mon1","echogrp"])");
  EXPECT_EQ(R"(["","g_global"])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_found","seed1",[")" + seed_.endpoint() + "\"]]", peer_->read_packet());
  EXPECT_EQ(R"(["","g_chg1","echogrp",{"seed1#p":null}])", peer_->read_packet());
  peer_->send(
      R"(["","g_upd","myfam",{"k1":{"a":[1,2]}}]["","g_upd","myfam",{"k2":"v2"}]["","g_upd","myfam",{"k2":"v3"}])"
      R"(["","g_upd","myfam",null,["k1"]]["","g_db_family","myfam","b"]["","g_db_keys","myfam","c"])"
      R"(["","g_db_values","myfam","d"]["","g_db_family","nosuch","e"])");
  EXPECT_EQ(R"(["","g_reply","b",{"k2":"v3"}])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_reply","c",["k2"]])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_reply","d",["v3"]])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_reply","e",{}])", peer_->read_packet());
  seed_.node.kil(port_);
  EXPECT_EQ(R"(["","g_chg2","echogrp",{},["seed1#p"]])", peer_->read_packet());
  peer_->send(R"(["","g_find","nobody"]["","g_mon1","nosuch"]["","g_mon0","echogrp"])");
  EXPECT_EQ(R"(["","g_found","nobody",null])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_chg1","nosuch",null])", peer_->read_packet());
}

// Two global nodes, in the order of the captured session: the peer plays gA.
TEST_F(group_messages, exchange_databases_with_a_global_node_of_version_2) {
  start("echogrp");
  log_in_2x("gA");
  peer_->send(R"(["","g_slave"]["","g_global"])");
  EXPECT_EQ(R"(["","g_global"])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_upd","'g",{"gA":null},[]])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_set",{"'g":{"gA":null,"seed1":null},"'l":{"seed1":[")" + seed_.endpoint() +
                R"("]},"echogrp":{"seed1#p":null}}])",
            peer_->read_packet());
  peer_->send(
      R"(["","g_set",{"'l":{"gA":["127.0.0.1:45481"]},"'g":{"gA":null,"seed1":null},"echogrp":{"gA#T":null}}])");
  EXPECT_EQ(R"(["","g_upd","'l",{"gA":["127.0.0.1:45481"]},[]])", peer_->read_packet());
  seed_.node.kil(port_);
  EXPECT_EQ(R"(["","g_upd","echogrp",{},["seed1#p"]])", peer_->read_packet());
  EXPECT_EQ(std::vector<port_id>{*port_id::parse("gA#T")}, seed_.node.grp_get("echogrp"));
}

TEST_F(group_messages, contain_nonsense_of_version_2) {
  start("g");
  log_in_2x();
  peer_->send(
      R"(["","g_upd","g",{"x#y":null}]["","g_set",{"g":{}}]["","g_slave",5]["","g_what"])"
      R"(["","g_slave",{"'g":{"evil":null},"'l":{"seed1":["1.2.3.4:5"],"s2":["127.0.0.1:9"]},"g":{"s2#a":null}}])"
      R"(["","g_upd",[],7]["","g_upd","'g",{"evil":null}]["","g_chg1","g",{"s2#evil":null}]["","g_reply","1",{}])"
      R"(["","g_find","seed1"]["","g_db_keys","'g","k"]["","g_db_keys","g","n"])");
  EXPECT_EQ(R"(["","g_global"])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_found","seed1",[")" + seed_.endpoint() + "\"]]", peer_->read_packet());
  EXPECT_EQ(R"(["","g_reply","k",["seed1"]])", peer_->read_packet());
  EXPECT_EQ(R"(["","g_reply","n",["s2#a","seed1#p"]])", peer_->read_packet());
  EXPECT_NE("", log_.wait_for("malformed g_what dropped"));
  EXPECT_NE("", log_.wait_for("says where other nodes are; dropped"));
}

TEST_F(group_messages, come_from_a_global_node_from_the_start_where_the_configuration_says_so) {
  live_node global{config{.nodeid = "g", .binds = {"127.0.0.1:0"}, .secret = "geheim", .global = true}};
  global.start();
  raw_peer peer(global.endpoint());
  peer.log_in({.node = "s2", .method = "hmac_sha3_512", .keys = ";mproto=1;gproto=1", .groups = true});
  EXPECT_EQ(R"(["","g_global"])", peer.read_packet());
}

TEST_F(group_messages, leave_out_the_version_that_the_configuration_does_not_name) {
  live_node old{
      config{.nodeid = "old", .binds = {"127.0.0.1:0"}, .secret = "geheim", .global_versions = {"1"}}};
  old.start();
  raw_peer peer(old.endpoint());
  peer.log_in({.node = "s2", .method = "hmac_sha3_512", .keys = ";mproto=1;gproto=1", .groups = true});
  EXPECT_EQ(std::string::npos, peer.greeting.find("gproto"));
  EXPECT_NE(std::string::npos, peer.read_packet().find("AnyEvent::MP::Global::connect"));
}

// A port of a 1.x node is found by a 2.x node, and the other way round.
TEST_F(group_messages, pass_between_the_versions) {
  start();
  log_in_1x();
  set_up(R"({"g":["cli1#old"]})");
  sync();
  raw_peer modern(seed_.endpoint());
  modern.log_in({.node = "s2", .method = "hmac_sha3_512", .keys = ";mproto=1;gproto=1", .groups = true});
  modern.send(
      R"(["","g_slave",{"'l":{"s2":["127.0.0.1:9"]},"g":{"s2#new":null}}]["","g_mon1","g"]["","g_find","cli1"])");
  EXPECT_EQ(R"(["","g_global"])", modern.read_packet());
  EXPECT_EQ(R"(["","g_chg1","g",{"cli1#old":null,"s2#new":null}])", modern.read_packet());
  EXPECT_EQ(R"(["","g_found","cli1",["127.0.0.1:1"]])", modern.read_packet());
  std::string packet;
  while (packet.find("s2#new") == std::string::npos) packet = peer_->read_packet();
  EXPECT_EQ(to_rendezvous(R"("reg1","g","s2#new")"), packet);
  modern.send(R"(["","g_upd","g",null,["s2#new"]])");
  EXPECT_EQ(R"(["","g_chg2","g",{},["s2#new"]])", modern.read_packet());
  EXPECT_EQ(to_rendezvous(R"("reg0","g","s2#new")"), peer_->read_packet());
  peer_->send(R"(["JVD.b","reg0","g","cli1#old"])");
  EXPECT_EQ(R"(["","g_chg2","g",{},["cli1#old"]])", modern.read_packet());
}

}  // namespace
}  // namespace aemp::testing
