#include "mesh/introduction.hpp"

#include <algorithm>

#include "mesh/data_server.hpp"
#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

// A stream of which only the places count.
class fake_stream final : public net::stream {
 public:
  explicit fake_stream(const std::string& to) : to_{to, 4040} {}
  void start(net::stream_events&) override {}
  void redirect(net::stream_events&) override {}
  bool write(std::string&) override { return true; }
  void start_tls(net::tls_role, const net::tls_settings&, std::string_view) override {}
  void pause(bool) override {}
  void finish(std::string) override {}
  net::endpoint local() const override { return {"10.0.0.1", 4040}; }
  net::endpoint remote() const override { return to_; }

 private:
  const net::endpoint to_;
};

class greeting_of_a_node : public testing::Test {
 protected:
  wire::session_config say(const origin& from, bool serves_data = true) {
    introduction made(node_.core, s_, chance_);
    return made.on(fake_stream("10.0.0.2"), from, serves_data);
  }
  static bool has_key(const wire::session_config& c, std::string_view key) {
    return std::ranges::any_of(c.more_keys, [&](const auto& k) { return k.first == key; });
  }
  static bool offers_data(const wire::session_config& c) {
    return std::ranges::find(c.served_protocols, data_protocol) != c.served_protocols.end();
  }

  test_world w_;
  test_node& node_ = w_.add("node");
  dice chance_{[this](std::span<std::byte> out) { node_.luck.fill(out); }};
  settings s_ = plain_settings();
};

TEST_F(greeting_of_a_node, says_who_it_is_and_what_it_understands) {
  const wire::session_config c = say({});
  EXPECT_EQ("node", c.node_id);
  EXPECT_EQ("10.0.0.2:4040", c.peeraddr);
  for (const char* key : {"arbiter", "heartbeat", "instance", "relay", "goodbye", "room", "max_message"})
    EXPECT_TRUE(has_key(c, key)) << key;
}

TEST_F(greeting_of_a_node, says_which_global_protocol_it_speaks) {
  EXPECT_FALSE(has_key(say({}), "gproto"));
  s_.global_2 = true;
  EXPECT_TRUE(has_key(say({}), "gproto"));
}

TEST_F(greeting_of_a_node, has_a_nonce_of_its_own_on_each_connection) {
  EXPECT_NE(say({}).nonce, say({}).nonce);
}

TEST_F(greeting_of_a_node, offers_data_connections_to_those_that_come_in) {
  EXPECT_TRUE(offers_data(say({})));
  EXPECT_FALSE(offers_data(say({}, false)));
  EXPECT_FALSE(offers_data(say({net::endpoint{"10.0.0.2", 4040}})));
}

TEST_F(greeting_of_a_node, names_the_data_connection_that_was_dialled) {
  const wire::session_config c = say({net::endpoint{"10.0.0.2", 4040}, "other", "a@node"});
  EXPECT_EQ(data_protocol, c.protocol);
  EXPECT_TRUE(has_key(c, data_key));
}

TEST_F(greeting_of_a_node, wants_no_encryption_inside_a_circuit_unless_it_is_required) {
  const origin circuit{{}, {}, {}, "hub"};
  EXPECT_EQ(wire::psk_wish::wanted, say({}).psk);
  EXPECT_EQ(wire::psk_wish::none, say(circuit).psk);
  s_.encryption = encryption_mode::required;
  EXPECT_EQ(wire::psk_wish::required, say(circuit).psk);
}

}  // namespace
}  // namespace aemp::mesh
