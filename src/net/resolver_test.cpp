#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/loopback_test.hpp"

namespace aemp::net {
namespace {

using testing::loopback;

TEST(resolver, leaves_numeric_addresses_as_they_are) {
  EXPECT_EQ(resolve_name("127.0.0.1", "80").value(), (std::vector<endpoint>{{"127.0.0.1", 80}}));
  EXPECT_EQ(resolve_name("0:0::1", "80").value(), (std::vector<endpoint>{{"::1", 80}}));
}

TEST(resolver, knows_this_machine_as_localhost_and_ipv4_comes_first) {
  const auto found = resolve_name("localhost", "7");
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(found.value().front(), (endpoint{"127.0.0.1", 7}));
  EXPECT_TRUE(std::is_partitioned(found.value().begin(), found.value().end(),
                                  [](const endpoint& e) { return !e.is_v6(); }));
}

TEST(resolver, takes_the_number_of_a_service_whose_name_is_unknown) {
  EXPECT_EQ(resolve_name("127.0.0.1", "nosuchservice=4040").value().front().port, 4040);
  EXPECT_EQ(resolve_name("127.0.0.1", "nosuchservice").error().name, "unresolvable");
  EXPECT_EQ(resolve_name("127.0.0.1", "65536").error().name, "unresolvable");
}

TEST(resolver, has_a_name_for_names_without_address) {
  const auto found = resolve_name("nosuch.invalid", "1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().name, "unresolvable");
  EXPECT_NE(found.error().text.find("nosuch.invalid"), std::string::npos);
}

TEST(resolver, answers_later_and_on_the_loops_thread) {
  loopback here;
  std::optional<result<std::vector<endpoint>>> numeric, name, none;
  const auto a = here.net->resolve("::1", 9, [&](auto r) { numeric = std::move(r); });
  const auto b = here.net->resolve("localhost", 9, [&](auto r) { name = std::move(r); });
  const auto c = here.net->resolve("nosuch.invalid", 9, [&](auto r) { none = std::move(r); });
  EXPECT_FALSE(numeric || name || none);
  ASSERT_TRUE(here.run_until([&] { return numeric && name && none; }));
  EXPECT_EQ(numeric->value().front().str(), "[::1]:9");
  EXPECT_EQ(name->value().front().str(), "127.0.0.1:9");
  EXPECT_EQ(none->error().name, "unresolvable");
}

TEST(resolver, says_nothing_after_its_attempt_was_destroyed) {
  loopback here;
  int answers = 0;
  const auto count = [&](auto) { ++answers; };
  std::vector<std::unique_ptr<attempt>> attempts;
  for (int i = 0; i < 20; ++i) {
    attempts.push_back(here.net->resolve("localhost", 9, count));
    here.net->resolve("localhost", 9, count).reset();
    here.net->resolve("127.0.0.1", 9, count).reset();
  }
  ASSERT_TRUE(here.run_until([&] { return answers == 20; }));
  here.settle();
  EXPECT_EQ(answers, 20);
}

TEST(resolver, may_go_away_while_look_ups_are_under_way) {
  for (int i = 0; i < 20; ++i) {
    loopback here;
    std::vector<std::unique_ptr<attempt>> attempts;
    for (int n = 0; n < 8; ++n) attempts.push_back(here.net->resolve("localhost", 9, [](auto) {}));
  }
}

TEST(resolver, sees_the_loopback_interface) {
  const auto own = interface_addresses();
  EXPECT_NE(std::find(own.begin(), own.end(), "127.0.0.1"), own.end());
  loopback here;
  EXPECT_EQ(here.net->own_addresses(), own);
  EXPECT_FALSE(here.net->host_name().empty());
}

}  // namespace
}  // namespace aemp::net
