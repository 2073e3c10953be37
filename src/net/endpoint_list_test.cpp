#include "net/endpoint_list.hpp"

#include <gtest/gtest.h>

#include <map>

namespace aemp::net {
namespace {

// A transport that knows some names and some services, and cannot do anything else.
class names_only final : public transport {
 public:
  std::map<std::string, std::vector<std::string>> hosts = {{"here", {"127.0.0.1"}},
                                                           {"localhost", {"127.0.0.1", "::1"}},
                                                           {"twice", {"10.0.0.1", "10.0.0.1", "10.0.0.2"}}};
  std::map<std::string, std::uint16_t> services = {{"http", 80}};
  std::vector<std::string> own = {"127.0.0.1",   "::1",     "192.168.1.5", "fe80::5",
                                  "2001:db8::5", "fd00::5", "127.1.2.3",   "ff02::1"};

  result<std::vector<endpoint>> resolve_now(const std::string& host, const std::string& service) override {
    const std::size_t equals = service.find('=');
    auto port = port_number(service.substr(0, equals));
    if (const auto known = services.find(service.substr(0, equals)); known != services.end())
      port = known->second;
    if (!port && equals != std::string::npos) port = port_number(service.substr(equals + 1));
    std::vector<std::string> addresses = hosts.count(host) != 0 ? hosts[host] : std::vector<std::string>();
    if (const auto numeric = canonical_address(host)) addresses = {*numeric};
    if (!port || addresses.empty())
      return error{"unresolvable", "'" + host + ":" + service + "' has no address"};
    std::vector<endpoint> out;
    for (const std::string& address : addresses) out.push_back({address, *port});
    return out;
  }
  std::vector<std::string> own_addresses() override { return own; }
  std::string host_name() override { return "here"; }

  std::unique_ptr<attempt> dial(const endpoint&, dialled) override { return nullptr; }
  result<std::unique_ptr<listener>> listen(const endpoint&, accepted) override { return error{"unused", ""}; }
  std::unique_ptr<attempt> resolve(const std::string&, std::uint16_t, resolved) override { return nullptr; }
};

std::string noderef(std::string_view list) {
  names_only net;
  const auto out = normalise_noderef(list, net);
  return out ? join(out.value().endpoints) : out.error().name;
}

std::string binds(std::string_view list) {
  names_only net;
  const auto out = resolve_binds(list, net);
  return out ? join(out.value().endpoints) : out.error().name;
}

TEST(endpoint_list, normalises_noderefs_as_the_seed_version_did) {
  EXPECT_EQ(noderef(""), "127.0.0.1:4040");
  EXPECT_EQ(noderef("4041"), "127.0.0.1:4041");
  EXPECT_EQ(noderef("localhost:5001,127.0.0.1:5000,127.0.0.1:5001"),
            "127.0.0.1:5001,[::1]:5001,127.0.0.1:5000");
  EXPECT_EQ(noderef("localhost:http"), "127.0.0.1:80,[::1]:80");
  EXPECT_EQ(noderef("nosuch.invalid:1,127.0.0.1:9"), "127.0.0.1:9");
}

TEST(endpoint_list, takes_4040_only_where_the_service_aemp_is_unknown) {
  EXPECT_EQ(noderef("10.0.0.9,[::2],::3"), "10.0.0.9:4040,[::2]:4040,[::3]:4040");
  names_only net;
  net.services["aemp"] = 5050;
  EXPECT_EQ(join(normalise_noderef("10.0.0.9", net).value().endpoints), "10.0.0.9:5050");
}

TEST(endpoint_list, keeps_the_order_of_the_parts_and_the_first_of_equal_endpoints) {
  EXPECT_EQ(noderef("twice:1"), "10.0.0.1:1,10.0.0.2:1");
  EXPECT_EQ(noderef("10.0.0.2:1, twice:1 ,10.0.0.3:1"), "10.0.0.2:1,10.0.0.1:1,10.0.0.3:1");
  EXPECT_EQ(noderef("1,,2,"), "127.0.0.1:1,127.0.0.1:4040,127.0.0.1:2");
}

TEST(endpoint_list, warns_about_parts_that_do_not_resolve_and_fails_when_none_does) {
  names_only net;
  const auto some = normalise_noderef("nosuch:1,127.0.0.1:9,other:nosuchservice", net);
  ASSERT_TRUE(some);
  ASSERT_EQ(some.value().warnings.size(), 2u);
  EXPECT_NE(some.value().warnings[0].find("nosuch"), std::string::npos);
  const auto none = normalise_noderef("nosuch:1,other:1", net);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().name, "unresolvable");
  EXPECT_NE(none.error().text.find("other"), std::string::npos);
}

TEST(endpoint_list, refuses_what_is_no_descriptor) {
  for (const char* part :
       {"a:",          ":1",       "a:b:c",    "[::1",         "[127.0.0.1]:1", "[::1]1",
        "[::1]:",      "a b:1",    "a:99999",  "70000",        "[host]:1",      "127.0.0.1:1,a:",
        "a:http=80",   "a:-1",     "a:+1",     "a:4.5",        "a:4040/tcp",    "300.1.1.1:1",
        "1.2.3.4.5:1", "::1:4040", "::1::2:3", "fe80::1:99999"}) {
    names_only net;
    const auto out = normalise_noderef(part, net);
    ASSERT_FALSE(out) << part;
    EXPECT_EQ(out.error().name, "unparsable_descriptor");
    EXPECT_NE(out.error().text.find("unparsable transport descriptor"), std::string::npos);
  }
}

TEST(endpoint_list, says_how_a_port_is_written_behind_an_ipv6_address) {
  names_only net;
  EXPECT_NE(resolve_binds("::1:4040", net).error().text.find("for port 4040 write [::1]:4040"),
            std::string::npos)
      << resolve_binds("::1:4040", net).error().text;
  EXPECT_NE(seed_places("2001:db8::5:80", net).error().text.find("[2001:db8::5]:80"), std::string::npos);
  EXPECT_NE(seed_places("1:2:3:4:5:6:7:8:80", net).error().text.find("[1:2:3:4:5:6:7:8]:80"),
            std::string::npos);
  EXPECT_EQ(binds("[2001:db8::5:80]"), "[2001:db8::5:80]:0") << "in brackets it is what it says";
  EXPECT_EQ(binds("1:2:3:4:5:6:7:8,2001:db8::5:beef"), "[1:2:3:4:5:6:7:8]:0,[2001:db8::5:beef]:0");
}

TEST(endpoint_list, is_checked_without_a_resolver) {
  EXPECT_TRUE(check_binds("*:4040,nosuch.invalid:http,[::1]:*,127.1:1,4041"));
  EXPECT_TRUE(check_seeds("nosuch.invalid:http,4041"));
  for (const char* list : {"127.0.0.1:99999", "127.0.0.1:1,b:", "::1:4040"}) {
    EXPECT_FALSE(check_binds(list)) << list;
    EXPECT_FALSE(check_seeds(list)) << list;
  }
  for (const char* list : {"host", "host:*", "*:1", "host:0", ""}) {
    EXPECT_TRUE(check_binds(list)) << list;
    EXPECT_FALSE(check_seeds(list)) << list;
  }
}

TEST(endpoint_list, splits_into_hosts_and_services) {
  const auto parts = split_descriptors("7,,a,a:http,[::1]:*,*:9,fe80::1", "me");
  ASSERT_TRUE(parts);
  const std::vector<descriptor> expected = {{"me", "7"},  {"me", ""}, {"a", ""},      {"a", "http"},
                                            {"::1", "*"}, {"*", "9"}, {"fe80::1", ""}};
  EXPECT_EQ(parts.value(), expected);
}

TEST(endpoint_list, binds_a_star_to_every_address_that_others_can_reach) {
  EXPECT_EQ(binds("*:4040"), "192.168.1.5:4040,[2001:db8::5]:4040,[fd00::5]:4040");
  EXPECT_EQ(binds("*"), "192.168.1.5:0,[2001:db8::5]:0,[fd00::5]:0");
  EXPECT_EQ(binds("*:*"), binds("*"));
  EXPECT_EQ(binds("*:http"), "192.168.1.5:80,[2001:db8::5]:80,[fd00::5]:80");
  names_only lonely;
  lonely.own = {"127.0.0.1", "::1", "fe80::1"};
  const auto out = resolve_binds("*", lonely);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().name, "unresolvable");
}

TEST(endpoint_list, leaves_the_port_of_a_bind_to_the_system_unless_there_is_one) {
  EXPECT_EQ(binds("127.0.0.1,127.0.0.2:*,127.0.0.3:0,127.0.0.4:44"),
            "127.0.0.1:0,127.0.0.2:0,127.0.0.3:0,127.0.0.4:44");
  EXPECT_EQ(binds(""), "127.0.0.1:0");
  EXPECT_EQ(binds("4041"), "127.0.0.1:4041");
}

TEST(endpoint_list, wants_a_host_and_a_port_of_a_seed) {
  names_only net;
  EXPECT_EQ((std::vector<place>{{"localhost", 5}, {net.host_name(), 4041}}),
            seed_places("localhost:5,4041,localhost:5", net).value());
  for (const char* part : {"localhost", "localhost:0", "localhost:*", "*:5", ""}) {
    const auto out = seed_places(part, net);
    ASSERT_FALSE(out) << part;
    EXPECT_EQ(out.error().name, "unparsable_descriptor");
  }
}

TEST(endpoint_list, asks_nobody_for_the_addresses_of_seeds) {
  names_only net;
  EXPECT_EQ((std::vector<place>{{"no.such.host", 80}, {"::1", 7}}),
            seed_places("no.such.host:http,[0::1]:7", net).value());
  const auto unknown = seed_places("localhost:nonesuch", net);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().name, "unresolvable");
  EXPECT_NE(unknown.error().text.find("there is no service 'nonesuch'"), std::string::npos)
      << unknown.error().text;
}

}  // namespace
}  // namespace aemp::net
