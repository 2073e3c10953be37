#include "mesh/listeners.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

class where_a_node_listens : public testing::Test {
 protected:
  auto open(const std::vector<net::endpoint>& at) {
    return open_.open(at, [this](std::unique_ptr<net::stream>) { ++accepted_; });
  }
  test_world w_;
  test_node& node_ = w_.add("node");
  listeners open_{node_.transport};
  int accepted_ = 0;
};

TEST_F(where_a_node_listens, is_known_with_the_port_that_was_chosen) {
  const auto places = open({{"10.0.0.1", 0}});
  ASSERT_TRUE(places) << places.error().text;
  ASSERT_EQ(1u, places->size());
  EXPECT_NE(0, places->at(0).port);
  EXPECT_EQ(*places, open_.places());
}

TEST_F(where_a_node_listens, is_all_of_the_places_or_none) {
  ASSERT_TRUE(open({{"10.0.0.1", 4040}}));
  EXPECT_FALSE(open({{"10.0.0.1", 4041}, {"10.0.0.1", 4040}}));
  EXPECT_EQ(1u, open_.places().size());
  EXPECT_TRUE(open({{"10.0.0.1", 4041}, {"10.0.0.1", 4042}}));
  EXPECT_EQ(3u, open_.places().size());
}

TEST_F(where_a_node_listens, is_this_node) {
  ASSERT_TRUE(open({{"10.0.0.1", 4040}}));
  EXPECT_TRUE(open_.is_mine(net::endpoint{"10.0.0.1", 4040}));
  EXPECT_TRUE(open_.is_mine(place{"10.0.0.1", 4040}));
  EXPECT_FALSE(open_.is_mine(place{"10.0.0.1", 4041}));
  EXPECT_FALSE(open_.is_mine(place{"10.0.0.2", 4040}));
}

TEST_F(where_a_node_listens, is_nowhere_once_it_is_closed) {
  ASSERT_TRUE(open({{"10.0.0.1", 4040}}));
  open_.close();
  EXPECT_TRUE(open_.places().empty());
  EXPECT_FALSE(open_.is_mine(place{"10.0.0.1", 4040}));
  EXPECT_TRUE(open({{"10.0.0.1", 4040}}));
}

}  // namespace
}  // namespace aemp::mesh
