#include "service/line_allowance.hpp"

#include <gtest/gtest.h>

namespace aemp::service {
namespace {

using namespace std::chrono_literals;

TEST(line_allowance, lets_a_burst_through_and_then_so_many_a_second) {
  core::time_point now{1h};
  line_allowance a(now);
  int passed = 0;
  for (int i = 0; i < 3000; ++i) passed += a.take(now);
  EXPECT_EQ(1000, passed);
  now += 1s;
  for (int i = 0; i < 1000; ++i) passed += a.take(now);
  EXPECT_EQ(1200, passed);
  EXPECT_EQ(2800u, a.take_left_out());
  EXPECT_EQ(0u, a.take_left_out());
}

TEST(line_allowance, saves_up_no_more_than_a_burst) {
  core::time_point now{1h};
  line_allowance a(now);
  now += 1h;
  int passed = 0;
  for (int i = 0; i < 3000; ++i) passed += a.take(now);
  EXPECT_EQ(1000, passed);
}

}  // namespace
}  // namespace aemp::service
