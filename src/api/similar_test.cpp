#include "api/similar.hpp"

#include <gtest/gtest.h>

namespace aemp::api {
namespace {

using names = std::vector<std::string>;

TEST(similar, finds_a_letter_too_many_too_few_another_one_and_two_swapped) {
  for (const char* typed : {"bindss", "bind", "bonds", "bnids"})
    EXPECT_EQ(similar(typed, {"binds", "services"}), names{"binds"}) << typed;
  EXPECT_EQ(similar("secert", {"secure", "secret"}).at(0), "secret");
}

TEST(similar, has_the_nearest_first_and_three_at_most) {
  EXPECT_EQ(similar("setnode", {"setnodelay", "setnodeid", "snd"}), (names{"setnodeid", "setnodelay"}));
  EXPECT_EQ(similar("ab", {"ac", "ad", "ae", "af"}).size(), 3u);
}

TEST(similar, finds_nothing_where_nothing_is_near) {
  EXPECT_TRUE(similar("colour", {"binds", "secret"}).empty());
  EXPECT_TRUE(similar("", {"binds"}).empty());
  EXPECT_TRUE(similar(std::string(10'000'000, 'x'), {"binds"}).empty());
}

TEST(similar, is_said_as_a_question) {
  EXPECT_EQ(did_you_mean({"a", "b"}), "; did you mean a, b?");
  EXPECT_EQ(did_you_mean({}, "; see there"), "; see there");
  EXPECT_EQ(did_you_mean({}), "");
}

}  // namespace
}  // namespace aemp::api
