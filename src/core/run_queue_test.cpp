#include "core/run_queue.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace aemp::core {
namespace {

detail::block* numbered(int n) { return message("n", n).leak(); }

int number_of(detail::block* b) {
  const message m = message::adopt(b);
  return m[1].as<int>();
}

TEST(run_queue, gives_back_in_order) {
  run_queue q;
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.pop(), nullptr);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) q.push(numbered(i));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(number_of(q.pop()), i);
    EXPECT_TRUE(q.empty());
    EXPECT_EQ(q.pop(), nullptr);
  }
}

TEST(run_queue, frees_what_is_left) {
  const auto alive = std::make_shared<int>(0);
  {
    run_queue q;
    for (int i = 0; i < 3; ++i) q.push(message("x", alive).leak());
    EXPECT_EQ(alive.use_count(), 4);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace aemp::core
