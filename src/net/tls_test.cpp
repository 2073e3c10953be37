#include "net/tls.hpp"

#include <gtest/gtest.h>

#include <array>

#include "net/certificates_test.hpp"

namespace aemp::net {
namespace {

using testing::certificate_options;
using testing::identity;
using testing::make_identity;

// Both sides of a connection, with a wire between them that delivers slices.
struct side {
  side(const std::string& pem, tls_role role) : side(tls_settings{pem}, role) {}
  side(const tls_settings& settings, tls_role role)
      : session(tls_context::make(settings).value(), role, settings.psk) {}

  void take(std::string_view bytes) {
    std::vector<char> plain(bytes.size() + tls_session::spare);
    const auto filled = session.feed(bytes, plain, out);
    if (!filled) {
      failed = filled.error();
    } else {
      received.append(plain.data(), filled.value());
    }
  }

  tls_session session;
  std::string out;
  std::string received;
  std::optional<error> failed;
};

struct wire {
  side client;
  side server;

  wire(const std::string& client_pem, const std::string& server_pem)
      : wire(tls_settings{client_pem}, tls_settings{server_pem}) {}
  wire(const tls_settings& of_client, const tls_settings& of_server)
      : client(of_client, tls_role::client), server(of_server, tls_role::server) {}

  void run(std::size_t slice = 100'000) {
    if (client.out.empty() && server.out.empty()) client.take({});
    while (!client.out.empty() || !server.out.empty()) {
      move(client, server, slice);
      move(server, client, slice);
    }
  }

  static void move(side& from, side& to, std::size_t slice) {
    const std::string bytes = std::exchange(from.out, {});
    for (std::size_t i = 0; i < bytes.size() && !to.failed; i += slice)
      to.take(std::string_view(bytes).substr(i, slice));
  }
};

std::string name_of(const std::string& pem) {
  const auto checked = check_tls({pem});
  return checked ? "" : checked.error().name + ": " + checked.error().text;
}

void expect_both_directions(const tls_settings& settings) {
  for (const std::size_t slice : {1, 7, 1000, 100'000}) {
    wire w(settings, settings);
    w.run(slice);
    ASSERT_TRUE(w.client.session.ready() && w.server.session.ready());
    const std::string big(slice == 1 ? 50'000 : 1'000'000, 'x');
    ASSERT_TRUE(w.client.session.seal("small", w.client.out));
    ASSERT_TRUE(w.client.session.seal(big, w.client.out));
    ASSERT_TRUE(w.server.session.seal("answer", w.server.out));
    EXPECT_EQ(w.client.out.find("small"), std::string::npos);
    w.run(slice);
    EXPECT_TRUE(w.server.received == "small" + big);
    EXPECT_EQ(w.client.received, "answer");
  }
}

TEST(tls, carries_both_directions_between_nodes_with_the_same_certificate) {
  expect_both_directions({.pem = make_identity("both").pem()});
}

TEST(tls, says_goodbye) {
  const std::string pem = make_identity("both").pem();
  wire w(pem, pem);
  w.run();
  EXPECT_FALSE(w.server.session.ended());
  ASSERT_TRUE(w.client.session.seal("last", w.client.out));
  w.client.session.close(w.client.out);
  w.run();
  EXPECT_TRUE(w.server.session.ended());
  EXPECT_EQ(w.server.received, "last");
  ASSERT_TRUE(w.server.session.seal("a word more", w.server.out));  // the other direction is still open
  w.run();
  EXPECT_EQ(w.client.received, "a word more");
}

TEST(tls, trusts_certificates_of_the_same_authority) {
  const identity authority = make_identity("authority", {.authority = true});
  const auto node = [&](const char* name) {
    return make_identity(name, {.issuer = &authority}).pem() + authority.certificate_pem();
  };
  wire w(node("a"), node("b"));
  w.run();
  EXPECT_TRUE(w.client.session.ready() && w.server.session.ready());
}

TEST(tls, uses_a_certificate_for_servers_on_both_sides) {
  const std::string pem = make_identity("server", {.only_for_servers = true}).pem();
  wire w(pem, pem);
  w.run();
  EXPECT_TRUE(w.client.session.ready() && w.server.session.ready());
}

TEST(tls, names_a_certificate_that_is_not_trusted_on_both_sides) {
  wire w(make_identity("one").pem(), make_identity("two").pem());
  w.run();
  for (const side* s : {&w.client, &w.server}) {
    ASSERT_TRUE(s->failed);
    EXPECT_EQ(s->failed->name, "certificate_not_trusted") << s->failed->text;
  }
}

TEST(tls, tells_a_client_whom_only_the_server_distrusts) {
  const identity mine = make_identity("mine");
  const identity theirs = make_identity("theirs");
  wire w(mine.certificate_pem() + mine.key_pem() + theirs.certificate_pem(), theirs.pem());
  w.run();
  ASSERT_TRUE(w.server.failed && w.client.failed);
  EXPECT_EQ(w.server.failed->name, "certificate_not_trusted");
  EXPECT_EQ(w.client.failed->name, "certificate_not_trusted") << w.client.failed->text;
  EXPECT_FALSE(w.server.session.ready());
}

TEST(tls, does_not_trust_what_an_ordinary_certificate_signed) {
  const identity leaf = make_identity("leaf");
  const identity forged = make_identity("forged", {.issuer = &leaf});
  wire w(forged.pem() + leaf.certificate_pem(), leaf.pem());
  w.run();
  ASSERT_TRUE(w.server.failed);
  EXPECT_EQ(w.server.failed->name, "certificate_not_trusted");
}

const tls_settings with_key{.psk = "a key of thirty-two bytes, or so"};
const tls_settings with_another_key{.psk = "another key of thirty-two bytes."};

TEST(tls, carries_both_directions_between_nodes_with_the_same_key) { expect_both_directions(with_key); }

TEST(tls, names_a_wrong_key_on_both_sides) {
  wire w(with_key, with_another_key);
  w.run();
  for (const side* s : {&w.client, &w.server}) {
    ASSERT_TRUE(s->failed);
    EXPECT_EQ(s->failed->name, "wrong_key") << s->failed->text;
    EXPECT_FALSE(s->session.ready());
  }
}

// Whoever has a certificate has no key, and proves nothing by that.
TEST(tls, does_not_come_up_with_a_key_on_one_side_only) {
  const tls_settings certificate{make_identity("somebody").pem()};
  for (const auto& [client, server] : {std::pair(with_key, certificate), std::pair(certificate, with_key)}) {
    wire w(client, server);
    w.run();
    EXPECT_TRUE(w.client.failed && w.server.failed);
    EXPECT_FALSE(w.client.session.ready() || w.server.session.ready());
  }
}

TEST(tls, takes_no_key_of_another_size) {
  EXPECT_THROW(side(tls_settings{.psk = "short"}, tls_role::client), std::invalid_argument);
}

TEST(tls, fails_on_what_is_no_tls) {
  const std::string pem = make_identity("both").pem();
  side server(pem, tls_role::server);
  server.take("aemp;1;somebody;tls_anon;json\nnonce\n");
  ASSERT_TRUE(server.failed);
  EXPECT_EQ(server.failed->name, "tls_failed");
  EXPECT_TRUE(server.out.starts_with("\x15\x03"));  // an alert, by which the other side knows
}

TEST(tls, fails_on_a_record_that_was_changed_on_its_way) {
  const std::string pem = make_identity("both").pem();
  wire w(pem, pem);
  w.run();
  ASSERT_TRUE(w.client.session.seal("an important message", w.client.out));
  w.client.out.back() = static_cast<char>(w.client.out.back() ^ 1);
  w.run();
  ASSERT_TRUE(w.server.failed);
  EXPECT_EQ(w.server.failed->name, "tls_failed");
  EXPECT_TRUE(w.server.received.empty());
}

TEST(tls, checks_certificates_before_they_are_needed) {
  const identity good = make_identity("good");
  EXPECT_EQ(name_of(good.pem()), "");
  EXPECT_EQ(name_of(good.key_pem() + good.certificate_pem()), "");
  EXPECT_EQ(name_of("notes\n" + good.pem() + make_identity("other").certificate_pem()), "");

  const auto bad = [](const std::string& pem, const char* why) {
    const std::string name = name_of(pem);
    EXPECT_TRUE(name.starts_with("bad_certificate: ")) << name;
    EXPECT_NE(name.find(why), std::string::npos) << name;
  };
  bad("", "no certificate");
  bad("nonsense", "no certificate");
  bad(good.key_pem(), "no certificate");
  bad(good.certificate_pem(), "no private key");
  bad(make_identity("other").certificate_pem() + good.key_pem(), "does not belong");
  bad(good.certificate_pem() + good.locked_key_pem(), "encrypted");
  bad(make_identity("old", {.from_days = -9, .to_days = -1}).pem(), "expired");
  bad(make_identity("new", {.from_days = 2}).pem(), "not valid yet");
  std::string broken = good.pem();
  broken.replace(60, 8, "!!!!!!!!");
  bad(broken, "certificate number 1 is unreadable");
}

}  // namespace
}  // namespace aemp::net
