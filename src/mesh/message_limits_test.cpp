#include "mesh/message_limits.hpp"

#include <gtest/gtest.h>

#include <aemp/value.hpp>

#include "wire/framing_test.hpp"

namespace aemp::mesh {
namespace {

message_limits said(std::vector<std::pair<std::string, std::string>> keys) {
  wire::greeting g;
  g.keys = std::move(keys);
  return limits_in(g);
}

value nested(int levels) {
  value v = 1;
  for (int i = 0; i < levels; ++i) v = value::array{v};
  return v;
}

TEST(message_limits, are_what_the_greeting_of_the_peer_says) {
  const message_limits of = said(limit_keys({.max_message = 1'000'000, .max_depth = 20}));
  EXPECT_EQ(1'000'000u, of.max_message);
  EXPECT_EQ(20u, of.max_depth);
}

TEST(message_limits, do_not_exist_for_a_peer_that_says_nothing_or_nonsense) {
  for (const auto& keys : std::vector<std::vector<std::pair<std::string, std::string>>>{
           {},
           {{"max_message", ""}, {"max_depth", "deep"}},
           {{"max_message", "-1"}, {"max_depth", "1e3"}},
           {{"max_message", "99999999999999999999999"}}}) {
    const message_limits of = said(keys);
    EXPECT_EQ(SIZE_MAX, of.max_message);
    EXPECT_EQ(SIZE_MAX, of.max_depth);
  }
}

TEST(message_limits, leave_room_for_the_protocol_itself_whatever_the_peer_says) {
  const message_limits of = said({{"max_message", "0"}, {"max_depth", "0"}});
  EXPECT_TRUE(check(of, message("mon", "a port's name")));
  EXPECT_TRUE(check(of, message("reason", std::string(60'000, 'x'), nested(6))));
}

TEST(message_limits, name_the_limit_and_both_figures_when_they_are_exceeded) {
  const message_limits of = said({{"max_message", "100000"}, {"max_depth", "10"}});
  EXPECT_TRUE(check(of, message("fits", std::string(90'000, 'x'))));
  EXPECT_TRUE(check(of, message("fits", nested(9))));
  const auto large = check(of, message("large", std::string(100'001, 'x')));
  ASSERT_FALSE(large);
  EXPECT_EQ("message_too_large", large.error().name);
  EXPECT_NE(std::string::npos, large.error().text.find("max_message of the receiving node is 100000"));
  const auto deep = check(of, message("deep", nested(10)));
  ASSERT_FALSE(deep);
  EXPECT_EQ("message_too_deep", deep.error().name);
  EXPECT_NE(std::string::npos,
            deep.error().text.find("11 deep in each other, and max_depth of the receiving node is 10"));
}

TEST(message_limits, let_through_in_every_framing_what_the_sender_was_allowed_to_send) {
  const limits own{.max_message = 70'000, .max_depth = 12};
  const message largest("m", std::string(69'000, '\x01'), nested(9));
  ASSERT_TRUE(check(said(limit_keys(own)), largest));
  for (const std::string_view name : {"aemp1", "cbor", "json", "storable"}) {
    wire::testing::receiver r(name, decoder_limits(own, name));
    r.receive(wire::testing::encoded(name, "port", largest));
    EXPECT_EQ("", r.failure.text) << name;
    EXPECT_EQ(1u, r.sink.packets.size()) << name;
  }
}

}  // namespace
}  // namespace aemp::mesh
