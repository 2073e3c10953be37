#include "sim/chance.hpp"

#include <array>

#include <gtest/gtest.h>

namespace aemp::sim {
namespace {

TEST(chance, gives_the_numbers_of_splitmix64_on_every_machine) {
  chance c(1234567);
  EXPECT_EQ(6457827717110365317u, c.next());
  EXPECT_EQ(3203168211198807973u, c.next());
  EXPECT_EQ(9817491932198370423u, c.next());
}

TEST(chance, stays_below_and_reaches_everything_below) {
  chance c(7);
  std::array<int, 5> seen{};
  for (int i = 0; i < 5000; ++i) ++seen.at(c.below(5));
  for (const int n : seen) EXPECT_NEAR(1000, n, 150);
  EXPECT_EQ(0u, c.below(0));
  EXPECT_EQ(0u, c.below(1));
}

TEST(chance, forks_are_not_disturbed_by_what_others_draw) {
  chance one(3), other(3);
  chance fork_of_one = one.fork();
  chance fork_of_other = other.fork();
  for (int i = 0; i < 10; ++i) one.next();
  EXPECT_EQ(fork_of_one.next(), fork_of_other.next());
}

}  // namespace
}  // namespace aemp::sim
