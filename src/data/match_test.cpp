#include <aemp/match.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace aemp {
namespace {

bool is_odd(const value& v) { return v.to<int>().value_or(0) % 2 == 1; }

TEST(match, covers_the_leading_elements) {
  EXPECT_TRUE(match("a").matches(message("a")));
  EXPECT_TRUE(match("a").matches(message("a", 1, 2)));
  EXPECT_TRUE(match("a", 1).matches(message("a", 1, 2)));
  EXPECT_FALSE(match("a", 1, 2).matches(message("a", 1)));
  EXPECT_FALSE(match("a").matches(message()));
  EXPECT_TRUE(match().matches(message()));
  EXPECT_TRUE(match().matches(message("anything")));
}

TEST(match, a_value_matches_what_is_equal) {
  EXPECT_TRUE(match("died", 42).matches(message("died", "42")));
  EXPECT_TRUE(match("died", "42").matches(message("died", 42)));
  EXPECT_TRUE(match("died", 3.0).matches(message("died", 3)));
  EXPECT_FALSE(match("died", 42).matches(message("died", 43)));
  EXPECT_TRUE(match(nullptr, true).matches(message(nullptr, true)));
  EXPECT_TRUE(match(*port_id::parse("n#p")).matches(message("n#p")));
  EXPECT_TRUE(match(value::array{1, 2}).matches(message(std::vector<int>{1, 2})));
  EXPECT_FALSE(match(value::array{1}).matches(message(std::vector<int>{1, 2})));
}

TEST(match, any_matches_one_element) {
  EXPECT_TRUE(match(_any_, 3).matches(message("x", 3)));
  EXPECT_TRUE(match(_any_).matches(message(nullptr)));
  EXPECT_TRUE(match(_any_).matches(message(std::make_unique<int>(1))));
  EXPECT_FALSE(match(_any_, _any_).matches(message("x")));
}

TEST(match, a_pattern_inside_a_pattern_matches_a_list_that_begins_so) {
  const pattern p = match("set", match("x", _any_), 3);
  EXPECT_TRUE(p.matches(message("set", value(value::array{"x", 1, 2}), 3)));
  EXPECT_TRUE(p.matches(message("set", std::vector<std::string>{"x", "1"}, 3)));
  EXPECT_FALSE(p.matches(message("set", value(value::array{"x"}), 3)));
  EXPECT_FALSE(p.matches(message("set", "x", 3)));
  EXPECT_TRUE(match(match(match(1))).matches(message(value::array{value(value::array{1})})));
  const pattern inner = match(1);
  EXPECT_TRUE(match(inner).matches(message(value::array{1})));
}

TEST(match, a_type_matches_what_converts_to_it) {
  EXPECT_TRUE(match("n", type<int>).matches(message("n", "42")));
  EXPECT_FALSE(match("n", type<int>).matches(message("n", "many")));
  EXPECT_TRUE(match(type<std::vector<int>>).matches(message(value::array{1, "2"})));
  EXPECT_TRUE(match(type<std::string>).matches(message(1)));
  EXPECT_FALSE(match(type<port_id>).matches(message(1)));
}

TEST(match, one_of_matches_any_of_its_values) {
  const pattern p = match(one_of("start", "stop", 3));
  EXPECT_TRUE(p.matches(message("stop")));
  EXPECT_TRUE(p.matches(message("3")));
  EXPECT_FALSE(p.matches(message("pause")));
  EXPECT_FALSE(match(one_of()).matches(message(1)));
}

TEST(match, like_finds_an_expression_in_text) {
  EXPECT_TRUE(match(like("b+c$")).matches(message("abbc")));
  EXPECT_FALSE(match(like("^b")).matches(message("abbc")));
  EXPECT_TRUE(match(like("")).matches(message("")));
  EXPECT_FALSE(match(like("1")).matches(message(1)));
}

TEST(match, like_refuses_what_is_no_expression) {
  try {
    (void)like("(");
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with("like(\"(\"): ")) << e.what();
  }
}

TEST(match, any_predicate_is_an_element) {
  EXPECT_TRUE(match("x", is_odd).matches(message("x", 3)));
  EXPECT_FALSE(match("x", &is_odd).matches(message("x", 4)));
  const int limit = 10;
  const auto small = [limit](const value& v) { return v.to<int>().value_or(limit) < limit; };
  EXPECT_TRUE(match(small).matches(message(9)));
  EXPECT_FALSE(match(small).matches(message(10)));
}

TEST(match, knows_whether_it_begins_with_a_text) {
  EXPECT_TRUE(match("a", _any_).begins_with_text());
  EXPECT_TRUE(match(std::string("a")).begins_with_text());
  EXPECT_FALSE(match(1).begins_with_text());
  EXPECT_FALSE(match(_any_, "a").begins_with_text());
  EXPECT_FALSE(match(like("a")).begins_with_text());
  EXPECT_FALSE(match().begins_with_text());
}

TEST(match, prints_as_it_is_written) {
  EXPECT_EQ(match("a", 1, _any_, match("b"), type<int>, one_of(1, 2)).to_string(),
            R"(match("a", 1, _any_, match("b"), int, one_of[1,2]))");
}

}  // namespace
}  // namespace aemp
