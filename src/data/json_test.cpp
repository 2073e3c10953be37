#include "data/json.hpp"

#include <gtest/gtest.h>
#include <aemp/message.hpp>

#include <cmath>
#include <limits>

namespace aemp {
namespace {

using kind = value::kind;

std::string again(std::string_view text) {
  const auto read = value::from_json(text);
  return read ? read->to_json() : read.error().text;
}

TEST(json, writes_each_kind_of_value) {
  EXPECT_EQ(value().to_json(), "null");
  EXPECT_EQ(value(true).to_json(), "true");
  EXPECT_EQ(value(-5).to_json(), "-5");
  EXPECT_EQ(value(std::numeric_limits<std::int64_t>::min()).to_json(), "-9223372036854775808");
  EXPECT_EQ(value(std::numeric_limits<std::uint64_t>::max()).to_json(), "18446744073709551615");
  EXPECT_EQ(value(0.1).to_json(), "0.1");
  EXPECT_EQ(value(3.0).to_json(), "3.0");
  EXPECT_EQ(value(-0.0).to_json(), "-0.0");
  EXPECT_EQ(value(1e300).to_json(), "1e+300");
  EXPECT_EQ(value("text").to_json(), "\"text\"");
  EXPECT_EQ(value(value::array{}).to_json(), "[]");
  EXPECT_EQ(value(value::array{1, "a", nullptr}).to_json(), "[1,\"a\",null]");
  EXPECT_EQ(value(value::map{}).to_json(), "{}");
  EXPECT_EQ(value(value::map{{"b", 1}, {"a", value::map{}}}).to_json(), "{\"a\":{},\"b\":1}");
}

TEST(json, writes_integers_of_any_length) {
  for (std::int64_t power = 1; power <= 1'000'000'000'000'000'000 / 10; power *= 10) {
    for (const std::int64_t n : {power - 1, power, -power, 1 - power})
      EXPECT_EQ(value(n).to_json(), std::to_string(n));
  }
}

TEST(json, writes_what_json_has_no_number_for) {
  EXPECT_EQ(value(std::numeric_limits<double>::infinity()).to_json(), "1e999");
  EXPECT_EQ(value(-std::numeric_limits<double>::infinity()).to_json(), "-1e999");
  EXPECT_EQ(value(std::nan("")).to_json(), "\"nan\"");
}

TEST(json, escapes_only_what_must_be) {
  EXPECT_EQ(value(std::string_view("a\0\x1f\b\f\n\r\t\"\\/\x7f", 12)).to_json(),
            "\"a\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\x7f\"");
  EXPECT_EQ(value("☺ä😀").to_json(), "\"☺ä😀\"");
  EXPECT_EQ(value(value::map{{"k\n", 1}}).to_json(), "{\"k\\n\":1}");
}

TEST(json, writes_bytes_as_perl_does) {
  EXPECT_EQ(value::bytes_of("abc").to_json(), "\"abc\"");
  EXPECT_EQ(value::bytes_of("\xff\x80z").to_json(), "\"\xc3\xbf\xc2\x80z\"");
  EXPECT_EQ(value("\xe4").to_json(), "\"ä\"");
}

TEST(json, reads_integers_exactly_and_larger_ones_as_their_digits) {
  EXPECT_EQ(value::from_json("9223372036854775807")->type(), kind::integer);
  EXPECT_EQ(value::from_json("-9223372036854775808")->integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(value::from_json("18446744073709551615")->type(), kind::unsigned_integer);
  EXPECT_EQ(value::from_json("-0")->integer(), 0);
  for (const char* digits :
       {"18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"}) {
    EXPECT_EQ(value::from_json(digits)->type(), kind::text);
    EXPECT_EQ(value::from_json(digits)->text(), digits);
  }
}

TEST(json, reads_the_nearest_double) {
  EXPECT_EQ(value::from_json("0.30000000000000004")->real(), 0.30000000000000004);
  EXPECT_EQ(value::from_json("1.7976931348623157e308")->real(), 1.7976931348623157e308);
  EXPECT_EQ(value::from_json("5e-324")->real(), 5e-324);
  EXPECT_EQ(value::from_json("3.0")->type(), kind::real);
  EXPECT_EQ(value::from_json("1E+2")->real(), 100);
  EXPECT_EQ(value::from_json("1e400")->real(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(value::from_json("-1e999")->real(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(value::from_json("1e-400")->real(), 0);
}

TEST(json, reads_texts_with_escapes) {
  EXPECT_EQ(value::from_json("\"\\u263a\\ud83d\\ude00\\u0000\\/\"")->text(), std::string_view("☺😀\0/", 9));
}

TEST(json, lets_the_last_of_equal_keys_count) {
  EXPECT_EQ(again("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}");
}

TEST(json, accepts_white_space_everywhere) {
  EXPECT_EQ(again(" [ 1 ,\r\n{ \"a\" :\t2 } ] \n"), "[1,{\"a\":2}]");
}

TEST(json, refuses_what_is_no_json_and_says_where) {
  for (const char* bad : {"",
                          " ",
                          "[",
                          "]",
                          "[1",
                          "[1,]",
                          "[1 2]",
                          "{\"a\"}",
                          "{1:2}",
                          "nul",
                          "inf",
                          "nan",
                          "[inf]",
                          "01",
                          "+1",
                          ".5",
                          "1.",
                          "\"a",
                          "\"\\x\"",
                          "\"\n\"",
                          "'a'",
                          "[1]]",
                          "1 2",
                          "//c\n1",
                          "\"\xff\"",
                          "\"\xc0\x80\"",
                          "\"\\ud800\"",
                          "\"\\ude00\"",
                          "1e99999999999"}) {
    const auto read = value::from_json(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().name, "bad_json") << bad;
  }
  EXPECT_NE(value::from_json("[1,x]").error().text.find("at byte 3"), std::string::npos);
  EXPECT_NE(value::from_json("[1] x").error().text.find("at byte 4"), std::string::npos);
}

TEST(json, limits_depth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(value::from_json(nested(512)));
  EXPECT_EQ(value::from_json(nested(513)).error().name, "too_deep");
  data::json_reader shallow(2);
  EXPECT_FALSE(shallow.feed("[[["));
}

TEST(json, messages_are_lists) {
  EXPECT_EQ(message("tag", 1, "x").to_json(), "[\"tag\",1,\"x\"]");
  EXPECT_EQ(message().to_json(), "[]");
  EXPECT_EQ(*message::from_json("[\"tag\",1,\"x\"]"), message("tag", 1, "x"));
  EXPECT_TRUE(message::from_json("[]")->empty());
  EXPECT_EQ(message::from_json("{}").error().name, "not_a_list");
  EXPECT_EQ(message::from_json("[").error().name, "bad_json");
}

TEST(json_reader, reads_values_back_to_back_cut_anywhere) {
  const std::string text =
      "[1,-25,\"a\\u263a☺\",{\"key\":[true,null]},0.125,18446744073709551616,1.5e300] {\"a\":[]}[]";
  for (std::size_t slice = 1; slice <= text.size(); ++slice) {
    data::json_reader reader;
    std::string seen;
    for (std::size_t at = 0; at < text.size(); at += slice) {
      std::string_view in = std::string_view(text).substr(at, slice);
      while (!in.empty()) {
        const auto step = reader.feed(in);
        ASSERT_TRUE(step) << step.error().text;
        in.remove_prefix(step->consumed);
        if (step->complete) seen += reader.take().to_json();
      }
    }
    EXPECT_EQ(seen,
              "[1,-25,\"a☺☺\",{\"key\":[true,null]},0.125,\"18446744073709551616\",1.5e+300]{\"a\":[]}[]");
  }
}

TEST(json_reader, gives_a_list_without_its_wrapping) {
  data::json_reader reader;
  ASSERT_TRUE(reader.feed("[1,2]")->complete);
  EXPECT_EQ(reader.list()->size(), 2u);
  ASSERT_TRUE(reader.feed("\"x\"")->complete);
  EXPECT_EQ(reader.list(), nullptr);
  EXPECT_EQ(reader.take().text(), "x");
}

TEST(json_reader, completes_a_number_only_when_it_has_ended) {
  data::json_reader reader;
  EXPECT_FALSE(reader.feed("12")->complete);
  EXPECT_FALSE(reader.feed("3")->complete);
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(reader.take().integer(), 123);
}

}  // namespace
}  // namespace aemp
