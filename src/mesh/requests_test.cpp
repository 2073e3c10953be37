#include "mesh/requests.hpp"

#include <set>

#include <gtest/gtest.h>

#include "mesh/mesh_test.hpp"

namespace aemp::mesh {
namespace {

using namespace std::chrono_literals;

class a_desk : public testing::Test {
 protected:
  void ask(const std::string& node, int what, int times = 1) {
    node_.act([&] {
      for (int i = 0; i < times; ++i) refused_ += requests_.add(node, message(what)) ? 0 : 1;
    });
  }

  test_world w_;
  test_node& node_ = w_.add("me");
  core::duration each_{};
  std::string answered_;
  int count_ = 0, refused_ = 0;
  std::set<std::string> behind_;
  requests requests_{node_.core.network_worker(),
                     [this](const std::string& node, const message& m) {
                       answered_ += node + m[0].to_string() + " ";
                       ++count_;
                       w_.time.advance_to(w_.time.now() + each_);
                     },
                     [this](const std::string& node) { return behind_.count(node) != 0; }};
};

TEST_F(a_desk, answers_at_once_what_is_cheap) {
  ask("a", 1);
  ask("b", 2);
  EXPECT_EQ("a1 b2 ", answered_);
}

TEST_F(a_desk, answers_what_is_dear_bit_by_bit_and_each_peer_in_its_turn) {
  each_ = 1ms;
  ask("a", 1, 10);
  ask("b", 2, 2);
  EXPECT_EQ("a1 a1 a1 ", answered_) << "no more than fits into a turn";
  w_.run(100ms);
  EXPECT_EQ("a1 a1 a1 b2 a1 b2 a1 a1 a1 a1 a1 a1 ", answered_);
}

TEST_F(a_desk, leaves_half_of_the_time_to_others) {
  each_ = 10ms;
  const core::time_point begin = w_.time.now();
  ask("a", 1, 100);
  w_.run_until([&] { return count_ == 100; }, 10s);
  EXPECT_LE(1980ms, w_.time.now() - begin);
}

TEST_F(a_desk, does_not_answer_who_does_not_read_and_goes_on_with_the_others) {
  behind_ = {"a"};
  ask("a", 1, 2);
  ask("b", 2);
  w_.run(1s);
  EXPECT_EQ("b2 ", answered_);
  behind_ = {};
  w_.run(2 * requests::look_interval);
  EXPECT_EQ("b2 a1 a1 ", answered_);
}

TEST_F(a_desk, has_room_for_so_many_and_forgets_who_is_gone) {
  each_ = 10ms;
  ask("a", 1, static_cast<int>(requests::most_waiting) + 3);
  EXPECT_EQ(2, refused_);
  ask("b", 2);
  EXPECT_EQ(2, refused_);
  node_.act([&] { requests_.forget("a"); });
  w_.run(1s);
  EXPECT_EQ("a1 b2 ", answered_);
}

}  // namespace
}  // namespace aemp::mesh
