#include "api/relaxed_json.hpp"

#include <gtest/gtest.h>

namespace aemp {
namespace {

std::string read(std::string_view text) {
  const auto v = read_relaxed_json(text, "rc");
  return v ? v->to_json() : v.error().text;
}

TEST(relaxed_json, reads_plain_json) {
  EXPECT_EQ(read(R"({"a":[1,2.5,"x",null,true]})"), R"({"a":[1,2.5,"x",null,true]})");
}

TEST(relaxed_json, takes_a_hash_sign_for_a_comment_up_to_the_end_of_the_line) {
  EXPECT_EQ(read("# all\n{ # begin \"\r\"a\" # key\n : 1 }\n# end"), R"({"a":1})");
}

TEST(relaxed_json, leaves_hash_signs_and_commas_in_texts_alone) {
  EXPECT_EQ(read(R"(["#,]", "\"#,]", "\\"])"), R"(["#,]","\"#,]","\\"])");
}

TEST(relaxed_json, takes_one_comma_behind_the_last_element) {
  EXPECT_EQ(read("[1,2,\n# and no more\n]"), "[1,2]");
  EXPECT_EQ(read(R"({"a":1, "b":["x", ], })"), R"({"a":1,"b":["x"]})");
  EXPECT_EQ(read(R"([[1,],[],{},])"), "[[1],[],{}]");
}

TEST(relaxed_json, takes_no_comma_elsewhere) {
  for (const char* text : {"[,]", "{,}", "[1,,]", "[,1]", "{\"a\":,}", "[1,}", "1,", ","}) {
    EXPECT_FALSE(read_relaxed_json(text, "rc")) << text;
  }
}

TEST(relaxed_json, takes_a_tab_in_a_text) { EXPECT_EQ(read("[\"a\tb\"]"), R"(["a\tb"])"); }

TEST(relaxed_json, is_null_when_there_is_nothing) {
  EXPECT_EQ(read(""), "null");
  EXPECT_EQ(read(" \n# nothing\n"), "null");
}

TEST(relaxed_json, names_the_place_of_what_is_wrong) {
  EXPECT_TRUE(read("{\n  \"a\" : 1\n  \"b\" : 2\n}").starts_with("rc:3:3: "))
      << read("{\n  \"a\" : 1\n  \"b\" : 2\n}");
  EXPECT_TRUE(read("[1,\n2,,]").starts_with("rc:2:3: ")) << read("[1,\n2,,]");
  EXPECT_TRUE(read("{\n  nonsense }").starts_with("rc:2:3: ")) << read("{\n  nonsense }");
  EXPECT_TRUE(read("[1, # , \n # ]\n").starts_with("rc:3:1: ")) << read("[1, # , \n # ]\n");
  EXPECT_EQ(read("{}\n []"), "rc:2:2: something follows the JSON value");
}

TEST(relaxed_json, counts_characters_and_not_bytes) {
  EXPECT_TRUE(read("[\"\xc3\xa4\xe2\x82\xac\" x]").starts_with("rc:1:7: "))
      << read("[\"\xc3\xa4\xe2\x82\xac\" x]");
  EXPECT_TRUE(read("[\"\t\t\" x]").starts_with("rc:1:7: ")) << read("[\"\t\t\" x]");
}

TEST(relaxed_json, bounds_the_depth) { EXPECT_EQ(read(std::string(600, '[')).substr(0, 10), "rc:1:513: "); }

}  // namespace
}  // namespace aemp
