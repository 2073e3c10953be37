#include "mesh/quotas.hpp"

#include <gtest/gtest.h>

namespace aemp::mesh {
namespace {

backlog::packet some_packet() { return {backlog::packet::kind::message, "port", message("text")}; }

class what_waits : public testing::Test {
 protected:
  settings s_;
  quotas limits_{s_};
  peer a_{"a"}, b_{"b"};
  const std::size_t weight_ = backlog::weight_of(some_packet());
};

TEST_F(what_waits, is_counted_for_the_node_and_for_all) {
  EXPECT_TRUE(limits_.add_waiting(a_, some_packet()));
  EXPECT_TRUE(limits_.add_waiting(b_, some_packet()));
  EXPECT_TRUE(limits_.add_waiting(b_, some_packet()));
  EXPECT_EQ(3 * weight_, limits_.waiting());
  EXPECT_EQ(weight_, a_.unsent);
  EXPECT_EQ(2 * weight_, b_.unsent);
  limits_.forget_waiting(b_);
  EXPECT_EQ(weight_, limits_.waiting());
}

TEST_F(what_waits, is_limited_for_one_node) {
  s_.limits.max_queued_messages = 1;
  EXPECT_TRUE(limits_.add_waiting(a_, some_packet()));
  EXPECT_FALSE(limits_.add_waiting(a_, some_packet()));
  EXPECT_TRUE(limits_.add_waiting(b_, some_packet()));
}

TEST_F(what_waits, is_limited_for_all_nodes_together) {
  s_.limits.max_queued_total = weight_;
  EXPECT_TRUE(limits_.add_waiting(a_, some_packet()));
  EXPECT_FALSE(limits_.add_waiting(b_, some_packet()));
}

TEST_F(what_waits, for_wishes_of_another_node_is_limited_in_nodes) {
  s_.limits.max_wishes = 1;
  EXPECT_TRUE(limits_.may_wish("other", nullptr, 10));
  limits_.add_wish("other", a_, 10);
  EXPECT_TRUE(limits_.may_wish("other", &a_, 10));
  EXPECT_FALSE(limits_.may_wish("other", &b_, 10));
  EXPECT_FALSE(limits_.may_wish("other", nullptr, 10));
  EXPECT_TRUE(limits_.may_wish("third", nullptr, 10));
}

TEST_F(what_waits, for_wishes_of_another_node_is_limited_in_bytes) {
  s_.limits.max_wished = 100;
  limits_.add_wish("other", a_, 60);
  EXPECT_FALSE(limits_.may_wish("other", &a_, 41));
  EXPECT_TRUE(limits_.may_wish("other", &a_, 40));
}

TEST_F(what_waits, for_a_wish_counts_until_the_node_is_up_or_lost) {
  s_.limits.max_wishes = 1;
  limits_.add_wish("other", a_, 10);
  limits_.add_wish("other", a_, 10);
  limits_.forget_waiting(a_);
  EXPECT_TRUE(a_.wished_by.empty());
  EXPECT_TRUE(limits_.may_wish("other", &b_, 10));
}

}  // namespace
}  // namespace aemp::mesh
