#include "data/printable.hpp"

#include <gtest/gtest.h>

namespace aemp::data {
namespace {

TEST(printable, leaves_text_alone) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("caf\xc3\xa9 \xe2\x82\xac 100 % \\n"), "caf\xc3\xa9 \xe2\x82\xac 100 % \\n");
}

TEST(printable, shows_what_a_terminal_would_obey) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("one\ntwo\r\tthree\x7f"), "one\\ntwo\\r\\tthree\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");  // the same as ESC [
}

TEST(printable, may_keep_lines) { EXPECT_EQ(printable_lines("one\n\x1bM\ttwo\n"), "one\n\\x1bM\\ttwo\n"); }

TEST(printable, ends_where_the_text_ends) {
  EXPECT_EQ(printable("a\xc2"), "a\xc2");
  EXPECT_EQ(printable("\xc2\xa0"), "\xc2\xa0");
}

}  // namespace
}  // namespace aemp::data
