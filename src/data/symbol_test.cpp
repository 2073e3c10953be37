#include <aemp/symbol.hpp>

#include <gtest/gtest.h>

#include <set>

namespace aemp {
namespace {

TEST(symbol, up_to_seven_bytes_are_the_key_itself) {
  EXPECT_TRUE(symbol("").is_packed());
  EXPECT_TRUE(symbol("1234567").is_packed());
  EXPECT_FALSE(symbol("12345678").is_packed());
  EXPECT_EQ(symbol_key("ab"), (std::uint64_t{3} << 56) | ('b' << 8) | 'a');
}

TEST(symbol, no_two_short_tags_have_the_same_key) {
  std::set<std::uint64_t> keys;
  std::size_t made = 0;
  const std::string letters("\0az\xff", 4);
  std::vector<std::string> tags{""};
  for (std::size_t i = 0; i < tags.size(); ++i) {
    keys.insert(symbol_key(tags[i]));
    ++made;
    if (tags[i].size() == 5) continue;
    for (char c : letters) tags.push_back(tags[i] + c);
  }
  EXPECT_EQ(keys.size(), made);
  EXPECT_FALSE(keys.contains(0));
}

TEST(symbol, a_literal_has_the_key_that_the_same_text_has_at_run_time) {
  EXPECT_EQ(literal_symbol_key(""), symbol_key(std::string()));
  EXPECT_EQ(literal_symbol_key("a"), symbol_key(std::string("a")));
  EXPECT_EQ(literal_symbol_key("1234567"), symbol_key(std::string("1234567")));
  EXPECT_EQ(literal_symbol_key("12345678"), symbol_key(std::string("12345678")));
  EXPECT_EQ(literal_symbol_key("\xc3\xa4\xff"), symbol_key(std::string("\xc3\xa4\xff")));
  EXPECT_EQ(literal_symbol_key("a tag of exactly forty-eight characters, or so.."),
            symbol_key(std::string("a tag of exactly forty-eight characters, or so..")));
  EXPECT_EQ(
      literal_symbol_key("a tag that is longer than what the compiler is asked to fold into a constant"),
      symbol_key(
          std::string("a tag that is longer than what the compiler is asked to fold into a constant")));
  static_assert(literal_symbol_key("ping") == symbol_key("ping"));
}

TEST(symbol, is_equal_when_the_text_is) {
  EXPECT_EQ(symbol("tag"), symbol(std::string("tag")));
  EXPECT_FALSE(symbol("tag") == symbol("tags"));
  EXPECT_EQ(symbol("a longer tag"), symbol(std::string("a longer tag")));
  EXPECT_EQ(symbol(), symbol(""));
}

}  // namespace
}  // namespace aemp
