// TLS on real sockets: what net/tls.hpp and net/tcp_stream.hpp do together.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "net/certificates_test.hpp"
#include "net/loopback_test.hpp"
#include "net/net_error.hpp"

namespace aemp::net {
namespace {

using testing::any_port;
using testing::connected;
using testing::identity;
using testing::make_identity;
using testing::owner;
using testing::pattern;

const std::string& common_pem() {
  static const std::string pem = make_identity("common").pem();
  return pem;
}

struct secured : connected {
  void begin(const std::string& client_pem, const std::string& server_pem) {
    client.it->start_tls(tls_role::client, {client_pem}, {});
    server.it->start_tls(tls_role::server, {server_pem}, {});
    EXPECT_FALSE(client.tls || server.tls);
  }
  void handshake() {
    begin(common_pem(), common_pem());
    ASSERT_TRUE(run_until([&] { return client.tls && server.tls; }));
    ASSERT_TRUE(*client.tls) << client.tls->error().text;
    ASSERT_TRUE(*server.tls) << server.tls->error().text;
  }
};

TEST(tls_stream, carries_bytes_in_both_directions) {
  secured pair;
  pair.handshake();
  pair.server.when_data = [](owner& me) { me.write("hello to you"); };
  EXPECT_TRUE(pair.client.write("hello"));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.received == "hello to you"; }));
  EXPECT_EQ(pair.server.received, "hello");
}

TEST(tls_stream, carries_ten_megabytes_both_ways_at_once) {
  secured pair;
  pair.handshake();
  std::string big(10'000'000, '\0');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 >> 7);
  pair.client.when_sent = [](owner& me) { me.write("end"); };
  EXPECT_FALSE(pair.client.write(big));
  EXPECT_FALSE(pair.server.write(big));
  ASSERT_TRUE(pair.run_until([&] {
    return pair.server.received.size() == big.size() + 3 && pair.client.received.size() == big.size();
  }));
  EXPECT_TRUE(pair.server.received == big + "end");
  EXPECT_TRUE(pair.client.received == big);
}

TEST(tls_stream, sends_pieces_in_order_and_says_when_the_next_may_follow) {
  secured pair;
  pair.handshake();
  const std::string big = pattern(10'000'000);
  std::vector<std::string_view> pieces{"head,"};
  for (std::size_t at = 0, size = 1; at < big.size(); at += size, size = size * 2 % 900'001)
    pieces.push_back(std::string_view(big).substr(at, size));
  EXPECT_FALSE(pair.client.it->write_pieces(pieces));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.sent == 1; }));
  pieces = {"the ", "end"};
  EXPECT_TRUE(pair.client.it->write_pieces(pieces) || pair.client.sent == 1);
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == big.size() + 12; }));
  EXPECT_TRUE(pair.server.received == "head," + big + "the end");
}

TEST(tls_stream, keeps_pieces_that_are_not_sent_when_the_owner_goes_with_last_words) {
  secured pair;
  pair.handshake();
  const std::string expected = pattern(10'000'000) + "last words";
  auto big = std::make_unique<std::string>(pattern(10'000'000));
  const std::vector<std::string_view> pieces{*big};
  EXPECT_FALSE(pair.client.it->write_pieces(pieces));
  pair.client.it->finish("last words");
  pair.client.it.reset();
  big.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_TRUE(pair.server.received == expected);
}

TEST(tls_stream, starts_with_what_came_together_with_the_greeting) {
  // The server's owner learns from the greeting that TLS begins, and finds the peer's hello in the same
  // piece.
  secured pair;
  const std::string greeting = "greeting\n";
  std::string plain;
  pair.server.when_data = [&](owner& me) {
    if (me.tls || !plain.empty() || me.received.size() <= greeting.size()) return;
    plain = std::exchange(me.received, {});
    me.it->start_tls(tls_role::server, {common_pem()}, std::string_view(plain).substr(greeting.size()));
  };
  // Paused, so that greeting and hello are read in one piece.
  pair.server.it->pause(true);
  pair.client.write(greeting);
  pair.client.it->start_tls(tls_role::client, {common_pem()}, {});
  pair.settle();
  pair.server.it->pause(false);
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tls && pair.server.tls; }));
  EXPECT_TRUE(plain.starts_with(greeting));
  EXPECT_TRUE(*pair.server.tls);
  pair.server.when_data = nullptr;
  pair.client.write("secret");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received == "secret"; }));
}

TEST(tls_stream, names_a_wrong_certificate_on_both_sides) {
  secured pair;
  pair.begin(make_identity("one").pem(), make_identity("two").pem());
  // As owners do: away with it, inside the call.
  for (owner* o : {&pair.client, &pair.server}) o->when_tls = [](owner& me) { me.it.reset(); };
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tls && pair.server.tls; }));
  for (const owner* o : {&pair.client, &pair.server}) {
    ASSERT_FALSE(*o->tls);
    EXPECT_EQ(o->tls->error().name, "certificate_not_trusted") << o->tls->error().text;
    EXPECT_FALSE(o->closed);
  }
}

TEST(tls_stream, tells_the_client_whom_only_the_server_distrusts) {
  const identity mine = make_identity("mine");
  const identity theirs = make_identity("theirs");
  secured pair;
  pair.begin(mine.pem() + theirs.certificate_pem(), theirs.pem());
  pair.server.when_tls = [](owner& me) { me.it.reset(); };
  ASSERT_TRUE(pair.run_until([&] { return pair.server.tls && pair.client.closed; }));
  EXPECT_EQ(pair.server.tls->error().name, "certificate_not_trusted");
  EXPECT_NE(pair.client.closed->find("certificate"), std::string::npos) << *pair.client.closed;
}

TEST(tls_stream, carries_bytes_between_streams_with_the_same_key) {
  secured pair;
  const tls_settings settings{.psk = std::string(32, 'k')};
  pair.client.it->start_tls(tls_role::client, settings, {});
  pair.server.it->start_tls(tls_role::server, settings, {});
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tls && pair.server.tls; }));
  ASSERT_TRUE(*pair.client.tls) << pair.client.tls->error().text;
  ASSERT_TRUE(*pair.server.tls) << pair.server.tls->error().text;
  pair.server.when_data = [](owner& me) { me.write("hello to you"); };
  EXPECT_TRUE(pair.client.write("hello"));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.received == "hello to you"; }));
  EXPECT_EQ(pair.server.received, "hello");
}

// Each connection has a key of its own, and streams of one transport share the rules.
TEST(tls_stream, names_a_wrong_key_on_both_sides) {
  secured pair;
  pair.client.it->start_tls(tls_role::client, {.psk = std::string(32, 'k')}, {});
  pair.server.it->start_tls(tls_role::server, {.psk = std::string(32, 'l')}, {});
  for (owner* o : {&pair.client, &pair.server}) o->when_tls = [](owner& me) { me.it.reset(); };
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tls && pair.server.tls; }));
  for (const owner* o : {&pair.client, &pair.server}) {
    ASSERT_FALSE(*o->tls);
    EXPECT_EQ(o->tls->error().name, "wrong_key") << o->tls->error().text;
  }
}

TEST(tls_stream, refuses_unusable_settings_later_and_by_name) {
  secured pair;
  pair.client.it->start_tls(tls_role::client, {"nonsense"}, {});
  EXPECT_FALSE(pair.client.tls);
  ASSERT_TRUE(pair.run_until([&] { return pair.client.tls.has_value(); }));
  EXPECT_EQ(pair.client.tls->error().name, "bad_certificate");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
}

TEST(tls_stream, fails_when_the_peer_goes_on_without_tls) {
  secured pair;
  pair.server.it->start_tls(tls_role::server, {common_pem()}, {});
  pair.client.write("cleartext;00;json\n");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.tls.has_value(); }));
  EXPECT_EQ(pair.server.tls->error().name, "tls_failed");
}

TEST(tls_stream, reports_a_peer_that_leaves_during_the_handshake) {
  secured pair;
  pair.server.it->start_tls(tls_role::server, {common_pem()}, {});
  pair.settle();
  pair.client.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_FALSE(pair.server.tls);
}

TEST(tls_stream, finishes_with_a_last_word) {
  secured pair;
  pair.handshake();
  const std::string big(5'000'000, 'z');
  EXPECT_FALSE(pair.client.write(big));
  pair.client.it->finish("last word");
  pair.client.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_TRUE(pair.server.received == big + "last word");
  EXPECT_EQ(*pair.server.closed, "Unexpected end-of-file");
}

TEST(tls_stream, tells_an_end_without_a_goodbye_from_one_with_it) {
  secured pair;
  pair.handshake();
  pair.server.when_data = [](owner& me) { me.write("hello to you"); };
  EXPECT_TRUE(pair.client.write("hello"));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.received == "hello to you"; }));
  pair.client.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_EQ(*pair.server.closed, end_without_notify);
}

TEST(tls_stream, stops_reading_while_paused) {
  secured pair;
  pair.handshake();
  const std::string big(30'000'000, 'z');
  pair.server.it->pause(true);
  EXPECT_FALSE(pair.client.write(big));
  pair.settle();
  EXPECT_TRUE(pair.server.received.empty());
  pair.server.it->pause(false);
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == big.size(); }));
}

TEST(tls_stream, lets_streams_be_destroyed_in_any_callback) {
  {
    secured pair;
    pair.begin(common_pem(), common_pem());
    pair.client.when_tls = [](owner& me) { me.it.reset(); };
    ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  }
  {
    secured pair;
    pair.handshake();
    pair.server.when_data = [](owner& me) { me.it.reset(); };
    pair.client.write(std::string(1'000'000, 'x'));
    ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value(); }));
  }
  {
    secured pair;
    pair.begin(common_pem(), common_pem());
    pair.client.it.reset();
    pair.server.it.reset();
    pair.settle();
  }
}

}  // namespace
}  // namespace aemp::net
