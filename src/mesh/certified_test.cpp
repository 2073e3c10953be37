#include "mesh/certified.hpp"

#include <gtest/gtest.h>

namespace aemp::mesh {
namespace {

TEST(certified_names, match_whole_ids_and_a_star_stands_for_anything) {
  EXPECT_TRUE(matches("worker", "worker"));
  EXPECT_FALSE(matches("worker", "worker2"));
  EXPECT_FALSE(matches("worker", "a worker"));
  EXPECT_TRUE(matches("worker/*", "worker/"));
  EXPECT_TRUE(matches("worker/*", "worker/host/7"));
  EXPECT_FALSE(matches("worker/*", "worker"));
  EXPECT_TRUE(matches("*/db/*", "a/b/db/db/c"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("", "x"));
  EXPECT_TRUE(matches("a*b*c", "abbbcbc"));
  EXPECT_FALSE(matches("a*b*c", "abbbcb"));
}

TEST(certified_names, take_no_longer_for_patterns_that_are_made_to_take_long) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "b", std::string(10'000, 'a')));
}

TEST(certified_names, say_which_ids_a_node_may_take) {
  const certified_names names = {"web", "worker/*", "@admins"};
  EXPECT_TRUE(check_node_name(names, "web", ""));
  EXPECT_TRUE(check_node_name(names, "worker/7", ""));
  EXPECT_TRUE(check_node_name(names, "web@10.0.0.1:4040", "")) << "a hidden node";
  const auto refused = check_node_name(names, "db", "its certificate");
  ASSERT_FALSE(refused);
  EXPECT_EQ("not_its_name", refused.error().name);
  EXPECT_TRUE(
      refused.error().text.starts_with("its certificate is not for a node db, only for: web, worker/*"));
  EXPECT_FALSE(check_node_name(names, "@admins", "")) << "that is a group";
}

TEST(certified_names, say_which_groups_count) {
  EXPECT_TRUE(allows_group({"web", "@adm*"}, "admins"));
  EXPECT_FALSE(allows_group({"web", "@adm*"}, "others"));
  EXPECT_FALSE(allows_group({"*"}, "admins")) << "that is for IDs";
}

TEST(certified_names, restrict_nobody_where_there_are_none) {
  EXPECT_TRUE(check_node_name({}, "anything", ""));
  EXPECT_TRUE(allows_group({}, "anything"));
}

}  // namespace
}  // namespace aemp::mesh
