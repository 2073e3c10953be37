#include "sim/agenda.hpp"

#include <string>

#include <gtest/gtest.h>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

constexpr core::time_point moment(int seconds) { return core::time_point(std::chrono::seconds(seconds)); }

TEST(agenda, has_what_comes_next_first) {
  chance luck(1);
  agenda<char> all;
  agenda<char>::place a, b, c;
  all.put(a, moment(3), luck, 1, 'a');
  all.put(b, moment(1), luck, 2, 'b');
  all.put(c, moment(2), luck, 3, 'c');
  ASSERT_NE(nullptr, all.first());
  EXPECT_EQ('b', all.first()->what);
  EXPECT_EQ(nullptr, all.due(moment(0)));
  EXPECT_EQ('b', all.due(moment(1))->what);
}

TEST(agenda, moves_and_forgets_things) {
  chance luck(1);
  agenda<char> all;
  agenda<char>::place a, b;
  all.put(a, moment(1), luck, 1, 'a');
  all.put(b, moment(2), luck, 2, 'b');
  all.put(a, moment(3), luck, 1, 'a');
  EXPECT_EQ('b', all.first()->what);
  all.put(b, std::nullopt, luck, 2, 'b');
  EXPECT_EQ('a', all.first()->what);
  all.remove(a);
  EXPECT_EQ(nullptr, all.first());
}

TEST(agenda, has_any_order_among_equals_and_the_same_for_the_same_seed) {
  const auto order = [](std::uint64_t seed) {
    chance luck(seed);
    agenda<char> all;
    std::vector<agenda<char>::place> places(6);
    std::uint64_t number = 0;
    for (auto& p : places) {
      all.put(p, moment(1), luck, number, static_cast<char>('a' + number));
      ++number;
    }
    std::string out;
    while (const auto* next = all.first()) {
      out += next->what;
      all.remove(places[static_cast<std::size_t>(next->what - 'a')]);
    }
    return out;
  };
  EXPECT_EQ(6u, order(1).size());
  EXPECT_EQ(order(1), order(1));
  int different = 0;
  for (std::uint64_t seed = 2; seed < 12; ++seed) different += order(seed) != order(1);
  EXPECT_GT(different, 5);
}

}  // namespace
}  // namespace aemp::sim
