#include "sim/clock.hpp"

#include <gtest/gtest.h>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

TEST(clock, stands_still_until_it_is_told_to_move) {
  clock c;
  const core::time_point before = c.now();
  EXPECT_EQ(before, c.now());
  c.advance(1500ms);
  EXPECT_EQ(before + 1500ms, c.now());
  EXPECT_EQ(1500ms, c.elapsed());
  EXPECT_EQ(1e9 + 1.5, c.unix_time());
}

TEST(clock, never_goes_back) {
  clock c;
  c.advance(2s);
  const core::time_point there = c.now();
  c.advance_to(there - 1s);
  EXPECT_EQ(there, c.now());
}

}  // namespace
}  // namespace aemp::sim
