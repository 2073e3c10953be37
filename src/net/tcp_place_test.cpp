// Reading to the place where bytes belong: net/transport.hpp, place().
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "net/loopback_test.hpp"

namespace aemp::net {
namespace {

using testing::connected;
using testing::owner;
using testing::pattern;

TEST(tcp_place, gets_what_belongs_there_and_what_is_behind_is_delivered) {
  for (const std::size_t room : {std::size_t{300'000}, std::size_t{1'000}}) {
    connected pair;
    pair.server.room_size = room;
    const std::string all = pattern(5'000'000);
    pair.server.when_data = [](owner& o) {
      if (o.awaited == 0 && o.received.size() < 3'000'000) o.awaited = 700'000;
    };
    pair.client.write(all);
    ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == all.size(); }));
    EXPECT_TRUE(pair.server.received == all);
    EXPECT_GE(pair.server.placed, 1'400'000u);
    EXPECT_EQ(pair.server.awaited, 0u);
  }
}

TEST(tcp_place, has_something_behind_it_that_is_kept_while_reading_is_paused) {
  connected pair;
  const std::string all = pattern(1'000'000);
  pair.server.when_data = [&](owner& o) {
    o.it->pause(true);
    if (o.awaited == 0 && o.received.size() < all.size() - 20'000) o.awaited = 10'000;
  };
  pair.client.write(all);
  while (pair.server.received.size() < all.size()) {
    const std::size_t before = pair.server.received.size();
    ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() > before; }));
    pair.settle();
    ASSERT_LE(pair.server.received.size(), before + 65'536);
    pair.server.it->pause(false);
  }
  EXPECT_TRUE(pair.server.received == all);
  EXPECT_GT(pair.server.placed, 0u);
}

TEST(tcp_place, that_is_not_filled_hides_no_end) {
  connected pair;
  pair.server.when_data = [](owner& o) { o.awaited = 1'000; };
  pair.client.write("beginning");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.awaited != 0; }));
  pair.client.write("bye");
  pair.client.it.reset();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.closed.has_value(); }));
  EXPECT_EQ(*pair.server.closed, "Unexpected end-of-file");
  EXPECT_EQ(pair.server.received, "beginningbye");
}

TEST(tcp_place, wakes_nobody_for_a_little_unless_told_to_look) {
  connected pair;
  pair.server.when_data = [](owner& o) {
    if (o.placed == 0) o.awaited = 100'000;
  };
  pair.client.write("beginning");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.awaited != 0; }));
  pair.client.write(pattern(500));
  pair.settle();
  EXPECT_EQ(pair.server.placed, 0u);
  pair.server.it->look();
  ASSERT_TRUE(pair.run_until([&] { return pair.server.placed == 500; }));
  pair.client.write(pattern(99'500) + "end");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == 100'012; }));
  EXPECT_EQ(pair.server.placed, 100'000u);
}

TEST(tcp_place, may_be_gone_with_its_owner_after_something_was_put_there) {
  connected pair;
  pair.server.when_data = [](owner& o) {
    if (o.received.size() > 100'000) return o.it.reset();
    o.awaited = 50'000;
  };
  pair.client.write(pattern(1'000'000));
  ASSERT_TRUE(pair.run_until([&] { return pair.client.closed.has_value() && pair.server.it == nullptr; }));
  pair.settle();
  EXPECT_EQ(pair.server.ends, 0);
}

}  // namespace
}  // namespace aemp::net
