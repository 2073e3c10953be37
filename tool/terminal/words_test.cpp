#include "tool/terminal/words.hpp"

#include <gtest/gtest.h>

namespace aemp::tool {
namespace {

using words = std::vector<std::string>;

words split(std::string_view line) { return *split_words(line, "anon/x#shell"); }
std::string complaint(std::string_view line) { return split_words(line, "").error().name; }

TEST(words, are_separated_by_blanks) {
  EXPECT_EQ(split("snd a#b  one\ttwo "), (words{"snd", "a#b", "one", "two"}));
  EXPECT_EQ(split("  "), words());
}

TEST(words, that_begin_like_json_go_on_to_its_end_and_stay_json) {
  EXPECT_EQ(split(R"(snd a#b {"x": [1, "} ]"], "y": {}} [1, 2] end)"),
            (words{"snd", "a#b", R"({"x": [1, "} ]"], "y": {}})", "[1, 2]", "end"}));
  EXPECT_EQ(split(R"("two words" "a \" b")"), (words{R"("two words")", R"("a \" b")"}));
}

TEST(words, that_are_addresses_of_ipv6_are_not_cut) {
  EXPECT_EQ(split("addseed [::1]:4040"), (words{"addseed", "[::1]:4040"}));
}

TEST(words, in_single_quotes_are_taken_as_they_are) {
  EXPECT_EQ(split(R"(a 'b c' d'e f'g '"j son"' '')"), (words{"a", "b c", "de fg", R"("j son")", ""}));
}

TEST(words, with_double_quotes_inside_are_joined) {
  EXPECT_EQ(split(R"(a"b c" x"\"\\"y)"), (words{"ab c", R"(x"\y)"}));
}

TEST(words, lose_the_backslash_that_protects_a_character) {
  EXPECT_EQ(split(R"(a\ b \'c \[d \$me \\)"), (words{"a b", "'c", "[d", "$me", "\\"}));
}

TEST(words, have_the_shells_port_for_its_name) {
  EXPECT_EQ(split(R"($me {"to": "$me"} '$me' $mean $me::x x"$me")"),
            (words{"anon/x#shell", R"({"to": "anon/x#shell"})", "$me", "$mean", "$me::x", "xanon/x#shell"}));
}

TEST(words, of_a_comment_are_none) {
  EXPECT_EQ(split(" # a 'b"), words());
  EXPECT_EQ(split("a #b"), (words{"a", "#b"}));
}

TEST(words, without_an_end_are_named_mistakes) {
  EXPECT_EQ(complaint("a 'b"), "unfinished_quote");
  EXPECT_EQ(complaint("a x\"b"), "unfinished_quote");
  EXPECT_EQ(complaint("a {\"b\": 1"), "unfinished_json");
  EXPECT_EQ(complaint("\"a"), "unfinished_json");
}

}  // namespace
}  // namespace aemp::tool
