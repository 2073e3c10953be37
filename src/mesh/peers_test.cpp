#include "mesh/peers.hpp"

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

TEST(peers, are_made_once_and_found_by_their_name) {
  peers all;
  EXPECT_EQ(nullptr, all.find("a"));
  peer& a = all.add("a");
  EXPECT_EQ(&a, &all.add("a"));
  EXPECT_EQ(&a, all.find("a"));
  EXPECT_EQ("a", a.id);
  EXPECT_EQ(1u, all.size());
}

TEST(peers, that_are_looked_for_are_not_up) {
  peers all;
  all.add("a");
  EXPECT_FALSE(all.is_up("a"));
  EXPECT_EQ(nullptr, all.find_up("a"));
  EXPECT_EQ(nullptr, all.leg_to("a"));
  EXPECT_EQ(0u, all.up_count());
}

TEST(peers, are_known_to_other_threads_until_they_are_taken) {
  peers all;
  all.add("b");
  all.add("a").unsent = 7;
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), all.known_nodes());
  EXPECT_EQ(7u, all.unsent("a"));
  EXPECT_EQ(0u, all.unsent("nobody"));
  EXPECT_EQ("a", all.take("a")->id);
  EXPECT_EQ(nullptr, all.take("a"));
  EXPECT_EQ(std::vector<std::string>{"b"}, all.known_nodes());
  EXPECT_EQ(0u, all.unsent("a"));
}

// Two nodes that are connected, of which one dialled the other's noderef.
class a_peer_that_is_up : public testing::Test {
 protected:
  void SetUp() override {
    node_.listen({"10.0.0.1", 4040});
    other_.snd("10.0.0.1:4040#log", "hello");
    ASSERT_TRUE(w_.run_until([&] { return other_.is_up("node") && node_.is_up("other"); }, 5s));
  }
  test_world w_;
  test_node& node_ = w_.add("node");
  test_node& other_ = w_.add("other");
};

TEST_F(a_peer_that_is_up, has_its_own_name_and_those_that_lead_to_it) {
  EXPECT_EQ("node", other_.mesh.real_name("10.0.0.1:4040"));
  EXPECT_EQ("node", other_.mesh.real_name("node"));
  EXPECT_EQ("nobody", other_.mesh.real_name("nobody"));
  EXPECT_EQ((std::vector<std::string>{"10.0.0.1:4040", "node"}), other_.mesh.known_nodes());
}

// "other@10.0.0.1:4040" is a name of the hidden node `other`, whose master would be this node.
TEST_F(a_peer_that_is_up, has_no_more_aliases_than_64) {
  other_.record("log");
  const auto alias = [](int n) { return "other@10.0.0.1:4040,10.0.0.9:" + std::to_string(n); };
  for (int n = 1; n <= 70; ++n) node_.snd(alias(n) + "#log", n);
  w_.run(1s);
  EXPECT_EQ(64u, other_.heard.size());
  EXPECT_EQ("other", node_.mesh.real_name(alias(64)));
  EXPECT_EQ(65u, node_.mesh.known_nodes().size());
  node_.mon(alias(70) + "#log");
  w_.run(1s);
  ASSERT_EQ(1u, node_.reasons.size());
  EXPECT_TRUE(contains(node_.reasons[0], "is known by 64 other names already")) << node_.reasons[0];
}

TEST_F(a_peer_that_is_up, takes_its_aliases_with_it_when_it_is_lost) {
  w_.kill(node_, false);
  ASSERT_TRUE(w_.run_until([&] { return !other_.is_up("node"); }, 60s));
  EXPECT_TRUE(other_.mesh.known_nodes().empty());
}

}  // namespace
}  // namespace aemp::mesh
