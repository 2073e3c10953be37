#include "net/endpoint.hpp"

#include <gtest/gtest.h>

namespace aemp::net {
namespace {

TEST(endpoint, prints_and_parses_as_noderefs_have_it) {
  for (const endpoint& place :
       {endpoint{"127.0.0.1", 4040}, endpoint{"::1", 55}, endpoint{"fe80::1%eth0", 65535}}) {
    const auto parsed = endpoint::parse(place.str());
    ASSERT_TRUE(parsed) << parsed.error().text;
    EXPECT_EQ(parsed.value(), place);
  }
  EXPECT_EQ((endpoint{"127.0.0.1", 4040}.str()), "127.0.0.1:4040");
  EXPECT_EQ((endpoint{"::1", 55}.str()), "[::1]:55");
}

TEST(endpoint, brings_addresses_into_one_form) {
  EXPECT_EQ(endpoint::parse("[0:0:0:0:0:0:0:1]:7").value(), (endpoint{"::1", 7}));
  EXPECT_EQ(endpoint::parse("[FD00::A]:7").value().str(), "[fd00::a]:7");
}

TEST(endpoint, refuses_what_is_no_numeric_endpoint) {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "localhost:80",
        "::1:80:", "[127.0.0.1]:80", "::1:80", "[::1]", "[]:1", "1.2.3:4", " 1.2.3.4:5"}) {
    const auto parsed = endpoint::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().name, "bad_endpoint");
  }
}

TEST(endpoint, knows_the_loopback_addresses) {
  for (const char* host : {"127.0.0.1", "127.8.0.1", "::1"})
    EXPECT_TRUE((endpoint{host, 1}.is_loopback())) << host;
  for (const char* host : {"10.0.0.1", "12.7.0.1", "::", "::127.0.0.1", "fe80::1"}) {
    EXPECT_FALSE((endpoint{host, 1}.is_loopback())) << host;
  }
}

TEST(endpoint, is_ordered_by_host_and_then_by_port) {
  EXPECT_LT((endpoint{"10.0.0.1", 9}), (endpoint{"10.0.0.2", 1}));
  EXPECT_LT((endpoint{"10.0.0.1", 1}), (endpoint{"10.0.0.1", 9}));
  EXPECT_NE((endpoint{"10.0.0.1", 1}), (endpoint{"10.0.0.1", 9}));
}

}  // namespace
}  // namespace aemp::net
