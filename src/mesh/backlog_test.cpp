#include "mesh/backlog.hpp"

#include <gtest/gtest.h>

namespace aemp::mesh {
namespace {

backlog::packet packet_of(const char* text) {
  return {backlog::packet::kind::message, "port", message(text)};
}

TEST(backlog, gives_back_what_was_added_in_order_and_is_empty_then) {
  backlog b;
  for (const char* text : {"one", "two", "three"}) EXPECT_TRUE(b.add(packet_of(text), {}));
  EXPECT_EQ(3u, b.size());
  EXPECT_LT(0u, b.bytes());
  std::string all;
  for (const backlog::packet& p : b.take()) all += p.content.to_string() + " ";
  EXPECT_EQ("one two three ", all);
  EXPECT_EQ(0u, b.size());
  EXPECT_EQ(0u, b.bytes());
}

TEST(backlog, takes_no_more_messages_than_the_limit) {
  limits l;
  l.max_queued_messages = 2;
  backlog b;
  EXPECT_TRUE(b.add(packet_of("one"), l));
  EXPECT_TRUE(b.add(packet_of("two"), l));
  const std::size_t before = b.bytes();
  EXPECT_FALSE(b.add(packet_of("three"), l));
  EXPECT_EQ(2u, b.size());
  EXPECT_EQ(before, b.bytes());
}

TEST(backlog, takes_no_more_bytes_than_the_limit) {
  const backlog::packet p = packet_of("one");
  limits l;
  l.max_queued = 2 * backlog::weight_of(p);
  backlog b;
  EXPECT_TRUE(b.add(p, l));
  EXPECT_TRUE(b.add(p, l));
  EXPECT_FALSE(b.add(p, l));
  EXPECT_EQ(l.max_queued, b.bytes());
}

}  // namespace
}  // namespace aemp::mesh
