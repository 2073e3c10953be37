#include "mesh/audience.hpp"

#include <gtest/gtest.h>

namespace aemp::mesh {
namespace {

using nodes = audience::nodes;

TEST(an_audience, has_whom_a_change_concerns) {
  audience a;
  a.subscribe("s1", "f");
  a.subscribe("s1", "g");
  a.subscribe("s2", "f");
  EXPECT_EQ((nodes{"s1", "s2"}), a.subscribers("f"));
  EXPECT_EQ(2u, a.subscriptions("s1"));
  a.unsubscribe("s1", "f");
  EXPECT_EQ(nodes{"s2"}, a.subscribers("f"));
  EXPECT_FALSE(a.has_subscribed("s1", "f"));
  EXPECT_TRUE(a.has_subscribed("s1", "g"));
  a.forget("s1");
  EXPECT_EQ(nodes{}, a.subscribers("g"));
  EXPECT_EQ(0u, a.subscriptions("s1"));
}

TEST(an_audience, tells_global_nodes_everything_and_so_nothing_twice) {
  audience a;
  a.subscribe("n", "f");
  a.set_global("n", true);
  EXPECT_EQ(nodes{"n"}, a.globals());
  EXPECT_EQ(nodes{}, a.subscribers("f"));
  a.set_global("n", false);
  EXPECT_EQ(nodes{}, a.globals());
  a.set_global("n", true);
  a.forget("n");
  EXPECT_FALSE(a.is_global("n"));
}

}  // namespace
}  // namespace aemp::mesh
