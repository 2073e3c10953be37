#include "data/weight.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace aemp::data {
namespace {

value nested(std::size_t depth, value innermost = value(1)) {
  for (std::size_t i = 0; i < depth; ++i) {
    innermost = i % 2 == 0 ? value(value::array{std::move(innermost)})
                           : value(value::map{{"k", std::move(innermost)}});
  }
  return innermost;
}

TEST(weight, of_plain_values_is_their_size_and_what_they_hold) {
  EXPECT_EQ(value().weight(), 24u);
  EXPECT_EQ(value(1).weight(), 24u);
  EXPECT_EQ(value("short").weight(), 24u);
  EXPECT_EQ(value(std::string(1000, 'x')).weight(), 1024u);
  EXPECT_EQ(value(1).depth(), 0u);
}

TEST(weight, of_lists_and_maps_has_everything_in_it) {
  const value list(value::array{1, 2, value(std::string(100, 'x'))});
  EXPECT_EQ(list.weight(), 24u + 64 + 2 * 24 + 124);
  EXPECT_EQ(list.depth(), 1u);
  const value map(value::map{{"key", list}});
  EXPECT_EQ(map.weight(), 24u + 64 + 72 + 3 + list.weight());
  EXPECT_EQ(map.depth(), 2u);
  EXPECT_EQ(value(value::array{}).weight(), 88u);
}

// A list that holds one list twice, which holds one list twice, and so on, takes little memory here, but on
// the wire more than there is anywhere.
TEST(weight, of_what_is_shared_counts_each_time_and_never_overflows) {
  value v(1);
  for (int i = 0; i < 100; ++i) v = value(value::array{v, v});
  EXPECT_EQ(v.weight(), SIZE_MAX);
  EXPECT_EQ(v.depth(), 100u);
}

TEST(weight, of_a_message_is_that_of_its_elements_however_they_are_kept) {
  const std::string text(500, 'x');
  const std::vector<int> numbers(10);
  const message typed("tag", text, 1, 2.5, numbers);
  const measure m = measure_of(typed);
  EXPECT_EQ(m.depth, 2u);
  EXPECT_EQ(m.weight, sizeof(detail::block) + 5 * 24 + 500 + 64 + 10 * 24);
  EXPECT_EQ(measure_of(message::of(typed.elements())).weight, m.weight);
  EXPECT_EQ(measure_of(message()).depth, 1u);
}

// Deeper than any stack.
TEST(deep_values, are_destroyed_compared_and_printed) {
  constexpr std::size_t depth = 1'000'000;
  value one = nested(depth), other = nested(depth), different = nested(depth, value(2));
  EXPECT_EQ(one.depth(), depth);
  EXPECT_TRUE(one == other);
  EXPECT_FALSE(one == different);
  const std::string text = one.to_json();
  EXPECT_EQ(text.size(), 1 + depth / 2 * 2 + depth / 2 * 6);
  EXPECT_EQ(text.substr(0, 12), R"({"k":[{"k":[)");
  EXPECT_EQ(message("tag", one).to_string().size(), text.size() + 4);
  EXPECT_FALSE(value::from_json(text));
  one = value();
  other = different;
}

TEST(deep_values, are_printed_as_shallow_ones_are) {
  for (const std::size_t depth : {1, 63, 64, 65, 66, 200}) {
    value v(value::array{1, nested(depth, value(value::array{1, "x", value(value::map{})})),
                         value(value::map{}), "y"});
    const auto again = value::from_json(v.to_json());
    ASSERT_TRUE(again);
    EXPECT_TRUE(*again == v) << depth;
  }
}

TEST(deep_values, that_are_shared_stay_with_whoever_has_them) {
  value inner = nested(100);
  {
    const value outer = nested(100, inner);
    const value copy = outer;
  }
  EXPECT_EQ(inner.depth(), 100u);
  EXPECT_TRUE(inner == nested(100));
}

}  // namespace
}  // namespace aemp::data
