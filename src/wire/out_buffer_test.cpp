#include "wire/out_buffer.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace aemp::wire {
namespace {

void write(out_buffer& out, std::string_view text) {
  char* const at = out.room(text.size());
  ASSERT_LE(at + text.size(), out.limit());
  std::memcpy(at, text.data(), text.size());
  out.ends_at(at + text.size());
}

TEST(out_buffer, holds_what_was_written_and_nothing_else) {
  out_buffer out;
  EXPECT_TRUE(out.empty());
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    i % 7 == 0 ? void(out += piece) : write(out, piece);
    all += piece;
    ASSERT_EQ(out.size(), all.size());
  }
  EXPECT_EQ(out.text(), all);
}

TEST(out_buffer, is_written_anew_after_its_text_was_taken) {
  out_buffer out;
  write(out, "one");
  std::string taken;
  taken.swap(out.text());
  EXPECT_EQ(taken, "one");
  EXPECT_TRUE(out.empty());
  write(out, "two");
  EXPECT_EQ(out.text(), "two");
}

TEST(out_buffer, gives_room_that_nobody_used_back) {
  out_buffer out;
  write(out, "head");
  (void)out.room(10'000);
  EXPECT_EQ(out.size(), 4u);
  EXPECT_EQ(out.text(), "head");
}

}  // namespace
}  // namespace aemp::wire
