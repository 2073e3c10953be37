#include "mesh/routes.hpp"

#include <gtest/gtest.h>

namespace aemp::mesh {
namespace {

std::string text_of(const std::vector<net::endpoint>& places) {
  std::string all;
  for (const net::endpoint& e : places) all += e.str() + " ";
  return all;
}

TEST(routes, know_what_was_learned_last) {
  const settings s;
  routes r(s);
  EXPECT_EQ("", text_of(r.to("a")));
  EXPECT_TRUE(r.learn("a", {{"10.0.0.1", 1}, {"10.0.0.2", 2}}));
  EXPECT_EQ("10.0.0.1:1 10.0.0.2:2 ", text_of(r.to("a")));
  EXPECT_TRUE(r.learn("a", {{"10.0.0.3", 3}}));
  EXPECT_EQ("10.0.0.3:3 ", text_of(r.to("a")));
}

TEST(routes, put_the_place_in_front_where_the_node_answered) {
  const settings s;
  routes r(s);
  r.learn("a", {{"10.0.0.1", 1}, {"10.0.0.2", 2}});
  r.remember("a", {"10.0.0.2", 2});
  EXPECT_EQ("10.0.0.2:2 10.0.0.1:1 ", text_of(r.to("a")));
  r.remember("a", {"10.0.0.3", 3});
  EXPECT_EQ("10.0.0.3:3 10.0.0.2:2 10.0.0.1:1 ", text_of(r.to("a")));
}

TEST(routes, are_no_more_than_the_limit) {
  settings s;
  s.limits.max_routes = 1;
  routes r(s);
  EXPECT_TRUE(r.learn("a", {{"10.0.0.1", 1}}));
  EXPECT_FALSE(r.learn("b", {{"10.0.0.2", 2}}));
  r.remember("b", {"10.0.0.2", 2});
  EXPECT_EQ("", text_of(r.to("b")));
}

TEST(routes, add_what_the_database_says_of_a_node_once) {
  const settings s;
  routes r(s);
  r.learn("a", {{"10.0.0.1", 1}});
  core::families database;
  database["'l"]["a"] = value(std::vector<value>{"10.0.0.1:1", "10.0.0.2:2", "no place"});
  EXPECT_EQ("10.0.0.1:1 10.0.0.2:2 ", text_of(r.all_to("a", database)));
  EXPECT_EQ("", text_of(r.all_to("b", database)));
}

}  // namespace
}  // namespace aemp::mesh
