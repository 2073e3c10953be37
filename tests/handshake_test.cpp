// Table G of the protocol page, played with raw bytes against a live node: what it accepts, what it refuses,
// and that a refusal concerns nobody else.
#include <gtest/gtest.h>

#include "tests/live_node.hpp"
#include "tests/raw_peer.hpp"

namespace aemp::testing {
namespace {

config settings() { return {.nodeid = "seed1", .binds = {"127.0.0.1:0"}, .secret = "geheim"}; }

class handshake : public ::testing::Test {
 protected:
  void SetUp() override { seed_.start(); }

  // Sends it, and expects that the node closes and logs the named error.
  void expect_refusal(std::string_view bytes, std::string_view name) {
    raw_peer peer(seed_.endpoint());
    peer.send(bytes);
    EXPECT_TRUE(peer.is_closed_by_node());
    EXPECT_NE(log_.wait_for(name), "") << "no line of the log names " << name;
  }

  void expect_alive() {
    raw_peer peer(seed_.endpoint());
    peer.log_in({.node = "witness"});
    peer.send(R"(["","time","witness#r"])");
    EXPECT_TRUE(peer.read_packet().starts_with("[\"r\","));
  }

  log_watch log_;
  live_node seed_{settings()};
};

TEST_F(handshake, lets_a_1x_peer_in) {
  raw_peer peer(seed_.endpoint());
  peer.log_in({.node = "perl", .method = "hmac_md6_64_256"});
  EXPECT_TRUE(peer.greeting.starts_with("aemp;1;seed1;"));
  EXPECT_EQ(peer.nonce.size(), 88u);
  EXPECT_TRUE(peer.auth_line.starts_with("hmac_md6_64_256;"));
  EXPECT_TRUE(peer.auth_line.ends_with(";json"));
  peer.send(R"(["","info","perl#r","x"])");
  EXPECT_EQ(peer.read_packet(), R"(["r","x","seed1"])");
}

TEST_F(handshake, lets_a_2x_peer_in) {
  raw_peer peer(seed_.endpoint());
  peer.log_in({.node = "perl2", .method = "hmac_sha3_512", .keys = ";mproto=1;gproto=1;provider=AE-2.01"});
  EXPECT_TRUE(peer.auth_line.starts_with("hmac_sha3_512;"));
  EXPECT_NE(peer.greeting.find("mproto=1"), std::string::npos);
  peer.send(R"(["","can","time","perl2#r"]["","can","g_nothing","perl2#r"])");
  EXPECT_EQ(peer.read_packet(), R"(["r","1"])");
  EXPECT_EQ(peer.read_packet(), R"(["r",""])");
}

// Such a peer takes one byte a character of a secret that is text (docs/protocol.md).
TEST(handshake_with_a_secret_that_is_not_ascii, lets_peers_of_each_version_in) {
  config of_seed = settings();
  of_seed.secret = "geh\xc3\xa4im";
  live_node seed(of_seed);
  seed.start();
  const auto log_in = [&](raw_peer::login as) {
    raw_peer peer(seed.endpoint());
    peer.log_in(as);
    peer.send(R"(["","time",")" + as.node + R"(#r"])");
    EXPECT_TRUE(peer.read_packet().starts_with("[\"r\",")) << as.node;
  };
  const std::string keys = ";mproto=1;gproto=1;provider=AE-2.01";
  log_in({.node = "bytes", .method = "hmac_sha3_512", .secret = "geh\xe4im", .keys = keys});
  log_in({.node = "utf8", .method = "hmac_sha3_512", .secret = "geh\xc3\xa4im", .keys = keys});
  log_in({.node = "perl1", .method = "hmac_md6_64_256", .secret = "geh\xc3\xa4im"});
}

TEST_F(handshake, ignores_a_carriage_return_and_accepts_version_1_0) {
  raw_peer peer(seed_.endpoint());
  peer.send("aemp;1.0;perl;hmac_md6_64_256;json\r\nnonce\r\n");
  EXPECT_TRUE(peer.read_line().starts_with("aemp;1;seed1;"));
  EXPECT_EQ(peer.read_line().size(), 88u);
}

TEST_F(handshake, refuses_what_is_no_greeting) {
  expect_refusal("GET / HTTP/1.1\r\n", "unparsable_greeting");
  expect_refusal("foo;1;n;hmac_md6_64_256;json\n", "unparsable_greeting");
  expect_alive();
}

TEST_F(handshake, refuses_another_version) {
  expect_refusal("aemp;2;n;hmac_md6_64_256;json\n", "version_mismatch");
  expect_refusal("aemp;1.5;n2;hmac_md6_64_256;json\n", "version_mismatch");
}

TEST_F(handshake, refuses_its_own_name) {
  expect_refusal("aemp;1;seed1;hmac_md6_64_256;json\n", "talking_to_myself");
  expect_refusal("aemp;1;;hmac_md6_64_256;json\n", "talking_to_myself");
}

TEST_F(handshake, refuses_an_echo) {
  raw_peer peer(seed_.endpoint());
  const std::string greeting = peer.read_line();
  const std::string nonce = peer.read_line();
  peer.send("aemp;1;echo;hmac_md6_64_256;json\n" + nonce + "\n");
  EXPECT_TRUE(peer.is_closed_by_node());
  EXPECT_NE(log_.wait_for("echo_attack"), "");
}

TEST_F(handshake, refuses_without_common_methods) {
  expect_refusal("aemp;1;n;hmac_md5;json\nnonce\n", "no_common_auth");
  expect_refusal("aemp;1;n;hmac_md6_64_256;smoke\nnonce\n", "no_common_framing");
}

TEST_F(handshake, refuses_a_wrong_secret_and_says_what_to_do) {
  raw_peer peer(seed_.endpoint());
  peer.send("aemp;1;mallory;hmac_md6_64_256;json\nnonce\nhmac_md6_64_256;" + std::string(64, '0') +
            ";json\n");
  EXPECT_TRUE(peer.is_closed_by_node());
  const std::string line = log_.wait_for("wrong_secret");
  EXPECT_NE(line.find("mallory"), std::string::npos) << line;
  EXPECT_NE(line.find("secret"), std::string::npos) << line;
  expect_alive();
}

TEST_F(handshake, refuses_bad_authentication_lines) {
  const std::string start = "aemp;1;n;hmac_md6_64_256;json\nnonce\n";
  expect_refusal(start + "foo;00;json\n", "unknown_auth_method");
  expect_refusal(start + "hmac_md6_64_256\n", "missing_auth_data");
  expect_refusal(start + "tls_anon;;json\n", "auth_method_not_accepted");
  expect_refusal(start + "cleartext;67656865696d;json\n", "auth_method_not_accepted");
}

TEST_F(handshake, refuses_endless_lines) { expect_refusal(std::string(100'000, 'x'), "line_too_long"); }

TEST_F(handshake, ends_a_connection_with_malformed_packets_and_no_other) {
  raw_peer good(seed_.endpoint());
  good.log_in({.node = "good"});
  raw_peer bad(seed_.endpoint());
  bad.log_in({.node = "bad"});
  bad.send(R"(["","info","bad#r"])");
  EXPECT_EQ(bad.read_packet(), R"(["r","seed1"])");
  bad.send("]]");
  EXPECT_TRUE(bad.is_closed_by_node());
  EXPECT_NE(log_.wait_for("malformed_packet"), "");
  good.send(R"(["","info","good#r"])");
  EXPECT_EQ(good.read_packet(), R"(["r","seed1"])");
}

TEST(handshake_in_the_clear, takes_three_lines_and_a_packet_in_one_write_where_cleartext_is_allowed) {
  config c = settings();
  c.auth_accept = {"hmac_md6_64_256", "cleartext"};
  live_node seed(c);
  seed.start();
  raw_peer peer(seed.endpoint());
  peer.send("aemp;1;raw;hmac_md6_64_256;json\nn\ncleartext;67656865696d;json\n[\"\",\"info\",\"raw#r\"]");
  peer.read_line();
  peer.read_line();
  EXPECT_TRUE(peer.read_line().starts_with("hmac_md6_64_256;"));
  EXPECT_EQ(peer.read_packet(), R"(["r","seed1"])");
}

TEST(handshake_without_secret, is_refused_by_name) {
  log_watch log;
  config c = settings();
  c.secret = "";
  live_node seed(c);
  seed.start();
  raw_peer peer(seed.endpoint());
  peer.send("aemp;1;raw;hmac_md6_64_256;json\nn\n");
  EXPECT_TRUE(peer.is_closed_by_node());
  EXPECT_NE(log.wait_for("no_secret_and_no_tls"), "");
}

TEST(a_node, says_which_port_is_in_use) {
  live_node first(settings());
  config c = settings();
  c.nodeid = "second";
  c.binds = {first.endpoint()};
  try {
    node second(c);
    FAIL() << "both listen on " << first.endpoint();
  } catch (const start_error& e) {
    EXPECT_EQ(e.name(), "port_in_use");
    EXPECT_NE(std::string(e.what()).find(first.endpoint()), std::string::npos) << e.what();
  }
}

TEST(a_node, says_which_name_to_listen_on_does_not_resolve) {
  config c = settings();
  c.binds = {"nosuch.invalid:4040"};
  try {
    node me(c);
    FAIL() << "nosuch.invalid was resolved";
  } catch (const start_error& e) {
    EXPECT_EQ(e.name(), "unresolvable");
    EXPECT_NE(std::string(e.what()).find("nosuch.invalid"), std::string::npos) << e.what();
  }
}

TEST(a_node, starts_without_the_addresses_of_its_seeds) {
  log_watch log;
  live_node seed(settings());
  seed.start();
  config c = settings();
  c.nodeid = "client";
  c.seeds = {"nosuch.invalid:4040", seed.endpoint()};
  live_node me(c);
  me.start();
  EXPECT_NE("", log.wait_for("seed nosuch.invalid:4040: unresolvable: 'nosuch.invalid' has no address"));
  EXPECT_NE("", log.wait_for("is up"));
}

}  // namespace
}  // namespace aemp::testing
