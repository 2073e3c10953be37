#include "data/message_builder.hpp"

#include <gtest/gtest.h>

namespace aemp::data {
namespace {

TEST(message_builder, makes_the_message_of_what_was_added) {
  message_builder b;
  b.reserve(3);
  b.add("ping");
  b.add(42);
  b.add(value::array{value(1), value(std::string(100, 'x'))});
  EXPECT_EQ(b.size(), 3u);
  const message m = b.take();
  EXPECT_EQ(m, message("ping", 42, value(value::array{value(1), value(std::string(100, 'x'))})));
  EXPECT_EQ(m.get()->key, symbol_key("ping"));
}

TEST(message_builder, grows_when_nobody_said_how_many_there_will_be) {
  message_builder b;
  for (int i = 0; i < 1000; ++i) b.add(std::string(30, 'a') + std::to_string(i));
  const message m = b.take();
  ASSERT_EQ(m.size(), 1000u);
  for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(m[i].text(), std::string(30, 'a') + std::to_string(i));
}

TEST(message_builder, makes_one_message_after_the_other) {
  message_builder b;
  b.add("first");
  EXPECT_EQ(b.take(), message("first"));
  EXPECT_TRUE(b.empty());
  b.add(2);
  const message second = b.take();
  EXPECT_EQ(second, message(2));
  EXPECT_EQ(second.get()->key, 0u);
}

TEST(message_builder, without_elements_makes_the_empty_message) {
  message_builder b;
  EXPECT_EQ(b.take().get(), nullptr);
  b.reserve(5);
  EXPECT_EQ(b.take().get(), nullptr);
}

TEST(message_builder, forgets_what_was_added_before_an_error) {
  message_builder b;
  b.add(std::string(100, 'x'));
  b.clear();
  EXPECT_TRUE(b.empty());
  b.add("after");
  EXPECT_EQ(b.take(), message("after"));
}

}  // namespace
}  // namespace aemp::data
