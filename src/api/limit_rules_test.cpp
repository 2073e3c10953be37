#include "api/limit_rules.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace aemp::api {
namespace {

value map_of(const char* json) { return *value::from_json(json); }

TEST(limits, of_a_map_replace_those_that_it_names_only) {
  limits l;
  l.max_circuits = 3;
  ASSERT_TRUE(take_limits(map_of(R"({"max_message":"1000000","max_wishes":0})"), l));
  limits expected;
  expected.max_circuits = 3;
  expected.max_message = 1'000'000;
  expected.max_wishes = 0;
  EXPECT_EQ(expected, l);
}

TEST(limits, that_cannot_work_are_refused_by_name) {
  const auto refusal = [](const char* json) {
    limits l;
    const auto taken = take_limits(map_of(json), l);
    return taken ? std::string() : taken.error().text;
  };
  EXPECT_EQ("a map of limits and numbers is expected", refusal("7"));
  EXPECT_EQ("max_message is at least 65536", refusal(R"({"max_message":10})"));
  EXPECT_EQ("max_depth is at most 4096", refusal(R"({"max_depth":100000})"));
  EXPECT_EQ("max_wishes has to be a whole number, not negative", refusal(R"({"max_wishes":-1})"));
  EXPECT_EQ("max_wishes has to be a whole number, not negative", refusal(R"({"max_wishes":[]})"));
  EXPECT_TRUE(refusal(R"({"max_mesage":100000})")
                  .starts_with("there is no limit 'max_mesage'; did you mean max_message"));
}

TEST(limits, of_a_program_are_checked_as_well) {
  EXPECT_TRUE(check_limits({}));
  limits l;
  l.max_queued = 0;
  ASSERT_FALSE(check_limits(l));
  EXPECT_EQ("limits.max_queued is at least 65536; 0 was asked for", check_limits(l).error().text);
}

TEST(limits, can_all_be_named) {
  limits l, other;
  for (const limit_rule& rule : limit_rules()) l.*rule.member += 1;
  EXPECT_EQ(sizeof(limits), limit_rules().size() * sizeof(std::size_t));
  for (const limit_rule& rule : limit_rules()) EXPECT_EQ(other.*rule.member + 1, l.*rule.member) << rule.name;
}

TEST(limits, are_in_the_table_of_the_documentation_with_their_defaults) {
  std::ifstream file(AEMP_VECTORS_DIR "/../../docs/configuration.md");
  std::stringstream text;
  text << file.rdbuf();
  const limits defaults;
  for (const limit_rule& rule : limit_rules()) {
    const std::string row =
        "| `" + std::string(rule.name) + "` | " + std::to_string(defaults.*rule.member) + " |";
    EXPECT_NE(std::string::npos, text.str().find(row)) << row;
  }
}

}  // namespace
}  // namespace aemp::api
