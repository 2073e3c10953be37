#include "tool/config/certificate.hpp"

#include <gtest/gtest.h>

#include "net/tls.hpp"

using namespace aemp;
using namespace aemp::tool;

namespace {

bool node_takes(const std::string& pem) {
  net::tls_settings settings;
  settings.pem = pem;
  return static_cast<bool>(net::check_tls(settings));
}

// Whether two nodes with these texts would talk.
bool trust_each_other(const std::string& one, const std::string& other) {
  const auto context = [](const std::string& pem) {
    net::tls_settings settings;
    settings.pem = pem;
    return *net::tls_context::make(settings);
  };
  net::tls_session client(context(one), net::tls_role::client), server(context(other), net::tls_role::server);
  std::string to_server, to_client;
  std::vector<char> plain(net::tls_session::spare + 65536);
  if (!client.feed({}, plain, to_server)) return false;
  for (int i = 0; i < 4; ++i) {
    if (!server.feed(std::exchange(to_server, {}), plain, to_client)) return false;
    if (!client.feed(std::exchange(to_client, {}), plain, to_server)) return false;
  }
  return client.ready() && server.ready();
}

}  // namespace

TEST(certificates, that_are_shared_are_trusted_by_whoever_has_them) {
  const std::string one = make_shared_certificate(), other = make_shared_certificate();
  EXPECT_TRUE(node_takes(one));
  EXPECT_TRUE(trust_each_other(one, one));
  EXPECT_FALSE(trust_each_other(one, other));
  const auto facts = facts_of(one);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "AnyEvent::MP");
  EXPECT_GT(facts->days_left, 3600);
}

TEST(certificates, of_one_authority_are_trusted_by_each_other) {
  const std::string authority = make_authority("home");
  const auto one = make_node_certificate(authority, "one", {}),
             two = make_node_certificate(authority, "two", {});
  ASSERT_TRUE(one && two);
  EXPECT_TRUE(node_takes(*one));
  EXPECT_TRUE(trust_each_other(*one, *two));
  EXPECT_FALSE(trust_each_other(*one, *make_node_certificate(make_authority("home"), "two", {})));
  EXPECT_EQ(facts_of(*one)->name, "one");
  EXPECT_EQ(facts_of(*one)->issuer, "home");
}

TEST(certificates, are_made_by_an_authority_only) {
  EXPECT_FALSE(make_node_certificate("", "n", {}));
  EXPECT_FALSE(make_node_certificate(make_shared_certificate(), "n", {}));
  EXPECT_FALSE(facts_of("nonsense"));
}
