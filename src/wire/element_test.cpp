#include "wire/element.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace aemp::wire {
namespace {

std::vector<value> elements_seen(const message& m, std::size_t first) {
  std::vector<value> seen;
  each_element(m, first, [&](const auto& element) { seen.emplace_back(element); });
  return seen;
}

TEST(element, each_is_seen_as_what_it_is_whatever_its_type) {
  const message m("tag", 'c', std::numeric_limits<int>::min(), std::int8_t{-1},
                  std::numeric_limits<unsigned>::max(), true, std::numeric_limits<long>::min(),
                  std::numeric_limits<long long>::max(), short{7}, 2.5, 0.5f,
                  std::numeric_limits<std::uint64_t>::max(), std::string("text"), value("a value"), nullptr,
                  std::vector<int>{1, 2});
  const std::vector<value> all = m.elements();
  ASSERT_EQ(all.size(), 16u);
  EXPECT_EQ(elements_seen(m, 0), all);
  EXPECT_EQ(elements_seen(message::of(all), 0), all);
  EXPECT_EQ(elements_seen(m, 14), std::vector<value>(all.begin() + 14, all.end()));
  EXPECT_EQ(all[2].integer(), std::numeric_limits<int>::min());
  EXPECT_EQ(all[4].integer(), std::numeric_limits<unsigned>::max());
  EXPECT_EQ(all[6].integer(), std::numeric_limits<long>::min());
}

TEST(element, there_is_none_behind_the_last) {
  EXPECT_TRUE(elements_seen(message(), 0).empty());
  EXPECT_TRUE(elements_seen(message("t"), 1).empty());
  EXPECT_TRUE(elements_seen(message("t", 1), 5).empty());
  EXPECT_EQ(elements_seen(message(std::string("a tag that is too long for its key")), 0).size(), 1u);
}

}  // namespace
}  // namespace aemp::wire
