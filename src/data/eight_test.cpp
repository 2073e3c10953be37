#include "data/eight.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace aemp::data {
namespace {

TEST(eight, finds_the_first_byte_that_json_escapes_and_no_other) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t at = 0; at < 8; ++at) {
      for (const char around : {'a', '\x7f', '\x80', '\xff', ' ', '!', '#', '[', ']'}) {
        std::string text(8, around);
        text[at] = static_cast<char>(c);
        const std::uint64_t marks = json_specials(load_eight(text.data()));
        const bool is_special = c < 0x20 || c == '"' || c == '\\';
        ASSERT_EQ(marks != 0, is_special) << c << " at " << at;
        if (is_special) {
          ASSERT_EQ(bytes_before(marks), at) << c;
        }
      }
    }
  }
}

TEST(eight, counts_digits_up_to_any_other_byte) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text = "90129012";
      text[at] = static_cast<char>(c);
      const bool is_digit = c >= '0' && c <= '9';
      ASSERT_EQ(count_digits(load_eight(text.data())), is_digit ? 8 : at) << c << " at " << at;
    }
  }
}

TEST(eight, numbers_become_their_digits_and_back) {
  std::mt19937 random(1);
  const auto check = [](std::uint64_t n) {
    char text[8];
    const unsigned count = write_digits(text, n);
    ASSERT_EQ(std::string(text, count), std::to_string(n));
    ASSERT_EQ(number_of_digits(load_eight(text), count), n);
  };
  for (std::uint64_t n = 0; n < 200000; ++n) check(n);
  for (std::uint64_t n = eight_digits - 200000; n < eight_digits; ++n) check(n);
  for (int i = 0; i < 200000; ++i) check(random() % eight_digits);
}

TEST(eight, copies_short_texts_and_looks_at_all_of_them) {
  for (std::size_t size = 0; size < 64; ++size) {
    const std::string text(size, 'x');
    const auto is_strange = [](std::uint64_t word) { return word & top_bits; };
    char copy[64] = {};
    EXPECT_EQ(copy_short(copy, text, is_strange), 0u);
    EXPECT_EQ(std::string(copy), text);
    for (std::size_t at = 0; at < size; ++at) {
      std::string strange = text;
      strange[at] = '\xe4';
      EXPECT_NE(copy_short(copy, strange, is_strange), 0u) << at << " of " << size;
    }
  }
}

TEST(eight, tells_texts_apart_by_every_byte) {
  for (std::size_t size = 8; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(is_same_text(text, std::string(size, 'a')));
    EXPECT_FALSE(is_same_text(text, text + "a"));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = 'b';
      EXPECT_FALSE(is_same_text(text, other)) << size << " " << i;
    }
  }
}

}  // namespace
}  // namespace aemp::data
