#include "mesh/removals.hpp"

#include <gtest/gtest.h>

#include "mesh/lots.hpp"
#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

class removal : public testing::Test {
 protected:
  void fill(const std::string& owner, const std::string& family, int from, int to) {
    core::family_content content;
    for (int i = from; i < to; ++i) content.emplace("key" + std::to_string(i), i);
    all_.update(owner, family, content);
  }
  template <class... A>
  void remove(const A&... what) {
    node_.act([&] { gone_.remove(what...); });
  }

  test_world w_;
  test_node& node_ = w_.add("me");
  core::database all_;
  std::vector<std::size_t> turns_;  // how much was told to be deleted in each
  removals gone_{node_.core.network_worker(), all_,
                 [this](const core::family_change& c) { turns_.push_back(c.deleted.size()); }};
  const int many = static_cast<int>(keys_in_a_lot) * 5 / 2;
};

TEST_F(removal, of_little_is_done_at_once) {
  fill("a", "f", 0, 10);
  remove(std::string("a"));
  EXPECT_TRUE(all_.merged().empty());
}

TEST_F(removal, of_much_is_done_bit_by_bit) {
  fill("a", "f", 0, many);
  fill("a", "g", 0, many);
  fill("b", "f", 0, many);
  remove(std::string("a"));
  remove(std::string("b"));
  EXPECT_TRUE(all_.of("a").empty());
  EXPECT_EQ(static_cast<std::size_t>(many), all_.family("f").size());
  w_.run(1s);
  EXPECT_TRUE(all_.merged().empty());
  EXPECT_LE(5u, turns_.size());
  for (const std::size_t n : turns_) EXPECT_GE(keys_in_a_lot, n);
}

TEST_F(removal, leaves_what_the_same_source_tells_anew) {
  fill("a", "f", 0, many);
  remove(std::string("a"));
  fill("a", "f", many - 5, many + 5);
  w_.run(1s);
  EXPECT_EQ(10u, all_.family("f").size());
  EXPECT_EQ(all_.family("f"), all_.of("a").at("f"));
}

TEST_F(removal, takes_one_family_or_the_ports_of_a_node_only) {
  fill("a", "f", 0, many);
  fill("a", "g", 0, many);
  remove(std::string("a"), std::string("g"));
  EXPECT_FALSE(all_.of("a").contains("g"));
  EXPECT_EQ(core::weight_of(all_.of("a")), all_.weight("a"));
  all_.update("a", "f", {{"x#1", 1}, {"x#2", 2}, {"xx#1", 3}});
  remove(std::string("a"), std::string("f"), std::string("x#"));
  remove(std::string("a"), std::string("f"), std::string("key"));
  w_.run(1s);
  EXPECT_EQ((core::families{{"f", {{"xx#1", 3}}}}), all_.merged());
}

}  // namespace
}  // namespace aemp::mesh
