#include "core/presence.hpp"

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class presence_of_nodes : public testing::Test {
 protected:
  world w;
  presence& nodes = w.core().presence();
};

TEST_F(presence_of_nodes, is_told_once_for_each_change) {
  diary d;
  const monitor m = w.me.mon_nodes([&](const std::string& node, bool up) { d(node + (up ? "+" : "-")); });
  w.settle();
  w.inside([&] {
    nodes.came("a");
    nodes.came("a");
    nodes.came("b");
  });
  w.settle();
  EXPECT_EQ(d.take(), "a+ b+");
  EXPECT_TRUE(nodes.is_up("a"));
  EXPECT_EQ(nodes.up(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(presence_of_nodes, of_a_lost_node_is_part_of_the_news_of_its_loss) {
  diary d;
  const monitor m = w.me.mon_nodes([&](const std::string& node, bool up) { d(node + (up ? "+" : "-")); });
  w.settle();
  bulletin news(1, 1);
  nodes.went("a", message("gone"), news);  // it was not up
  EXPECT_TRUE(news.take().front()->items.empty());
  w.inside([&] { nodes.came("a"); });
  bulletin more(2, 1);
  nodes.went("a", message("gone"), more);
  EXPECT_EQ(more.take().front()->items.size(), 1u);
  EXPECT_FALSE(nodes.is_up("a"));
}

}  // namespace
}  // namespace aemp::core
