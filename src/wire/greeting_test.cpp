#include "wire/greeting.hpp"

#include <gtest/gtest.h>

#include "wire/vectors_test.hpp"

namespace aemp::wire {
namespace {

using list = std::vector<std::string>;

TEST(greeting, is_read_into_its_fields) {
  const std::string line =
      "aemp;1;gA;tls_sha3_512,hmac_sha3_512,tls_anon,cleartext;cbor,json,storable;mproto=1;gproto=1;flag;"
      "provider=AE-2.01;peeraddr=[::1]:48206;x=a=b";
  const auto parsed = parse_greeting(line);
  ASSERT_TRUE(parsed);
  const greeting& g = *parsed;
  EXPECT_EQ(g.line, line);
  EXPECT_EQ(g.protocol, "aemp");
  EXPECT_EQ(g.version, "1");
  EXPECT_EQ(g.node_id, "gA");
  EXPECT_EQ(g.auth, (list{"tls_sha3_512", "hmac_sha3_512", "tls_anon", "cleartext"}));
  EXPECT_EQ(g.framings, (list{"cbor", "json", "storable"}));
  ASSERT_EQ(g.keys.size(), 6u);
  EXPECT_EQ(g.keys[1].first, "gproto");
  EXPECT_EQ(g.key("flag"), "");
  EXPECT_EQ(g.key("peeraddr"), "[::1]:48206");
  EXPECT_EQ(g.key("x"), "a=b");
  EXPECT_EQ(g.key("tls"), std::nullopt);
}

TEST(greeting, is_printed_as_it_was_read) {
  for (const auto& h : testing::vectors("handshakes_1x")) {
    for (const char* side : {"A", "B"}) {
      const std::string line = testing::text_of(h.at(side), "greeting1");
      const auto parsed = parse_greeting(line);
      ASSERT_TRUE(parsed) << line;
      EXPECT_EQ(print_greeting(*parsed), line);
    }
  }
}

TEST(greeting, may_have_empty_lists_and_an_empty_node_id) {
  const auto parsed = parse_greeting("aemp;1;;;");
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->auth.empty());
  EXPECT_TRUE(parsed->framings.empty());
  EXPECT_EQ(parsed->node_id, "");
}

TEST(greeting, of_another_service_keeps_its_word) {
  const auto parsed = parse_greeting("aemp-dataconn;1;cli1;hmac_md6_64_256;json;dataconn_id=b@cli1");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->protocol, "aemp-dataconn");
}

TEST(greeting, of_something_else_is_refused_with_what_came) {
  for (const char* line : {"", "foo;1;x;a;b", "AEMP;1;x;a;b", "aempx;1;x;a;b", "aemp-;1;x;a;b", "SSH-2.0-x",
                           "aemp;1", "aemp;1;x;hmac_md6_64_256"}) {
    const auto parsed = parse_greeting(line);
    ASSERT_FALSE(parsed) << line;
    EXPECT_EQ(parsed.error().name, "unparsable_greeting") << line;
  }
  EXPECT_NE(parse_greeting("SSH-2.0-x\x1b[2J").error().text.find("expected 'aemp', got 'SSH-2.0-x?[2J'"),
            std::string::npos);
}

TEST(greeting, of_another_version_is_refused) {
  for (const char* version : {"1", "1.0", "01", "1."}) EXPECT_TRUE(is_version_1(version)) << version;
  for (const char* version : {"", "0", "2", "1.5", "1x", "x", "-1", "nan", "1e0"}) {
    EXPECT_FALSE(is_version_1(version)) << version;
    const auto parsed = parse_greeting(std::string("aemp;") + version + ";x;a;b");
    ASSERT_FALSE(parsed) << version;
    EXPECT_EQ(parsed.error().name, "version_mismatch") << version;
  }
}

TEST(greeting, with_a_node_id_that_no_port_id_can_hold_is_refused) {
  for (const std::string& id : {std::string("a#b"), std::string("a\tb"), std::string(256, 'x')}) {
    EXPECT_FALSE(is_node_id(id));
    const auto parsed = parse_greeting("aemp;1;" + id + ";a;b");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().name, "bad_node_id");
  }
  EXPECT_TRUE(is_node_id("anon/57Cs1CggVJjzYaQp13XXg4"));
  EXPECT_TRUE(is_node_id("käse mit löchern"));
}

TEST(greeting, offers_tls_in_version_1_only) {
  const auto with = [](std::string_view key) {
    return parse_greeting("aemp;1;x;a;b;" + std::string(key))->offers_tls();
  };
  EXPECT_TRUE(with("tls=1.0"));
  EXPECT_TRUE(with("tls=1"));
  EXPECT_TRUE(with("tls=1.7"));
  EXPECT_FALSE(with("tls=2.0"));
  EXPECT_FALSE(with("tls=10"));
  EXPECT_FALSE(with("tls"));
  EXPECT_FALSE(with("xtls=1.0"));
}

TEST(greeting, that_could_not_be_read_back_is_not_printed) {
  const greeting good = {"", "aemp", "1", "x", {"a", "b"}, {"json"}, {{"k", "v"}}};
  EXPECT_EQ(print_greeting(good), "aemp;1;x;a,b;json;k=v");
  const auto refuses = [&](auto change) {
    greeting g = good;
    change(g);
    EXPECT_THROW((void)print_greeting(g), std::invalid_argument);
  };
  refuses([](greeting& g) { g.node_id = "a;b"; });
  refuses([](greeting& g) { g.node_id = "a#b"; });
  refuses([](greeting& g) { g.node_id = "a\nb"; });
  refuses([](greeting& g) { g.auth = {"a,b"}; });
  refuses([](greeting& g) { g.keys[0].second = "v;w"; });
  refuses([](greeting& g) { g.keys[0].second = "v\nw"; });
  refuses([](greeting& g) { g.keys[0].first = "a=b"; });
  refuses([](greeting& g) { g.keys[0].second = std::string(4090, 'v'); });
}

}  // namespace
}  // namespace aemp::wire
