#include "api/relaxed_json.hpp"

#include <gtest/gtest.h>

#include "api/json_trouble.hpp"

namespace aemp::api {
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

TEST(relaxed_json, says_what_was_found_and_what_is_expected) {
  const std::pair<const char*, const char*> cases[] = {
      {"{\n \"a\" : 1\n \"b\" : 2\n}", "rc:3:2: JSON: found the text \"b\", ',' or '}' is expected"},
      {"[1 \"a\nb\"]", "rc:1:4: JSON: found the text \"a, ',' or ']' is expected"},
      {"[1 2]", "rc:1:4: JSON: found the number 2, ',' or ']' is expected"},
      {"{ \"a\" 1 }", "rc:1:7: JSON: found the number 1, ':' behind the key \"a\" is expected"},
      {"{ binds : [] }",
       "rc:1:3: JSON: found the word binds, a key in double quotes, or '}', is expected; texts stand in "
       "double "
       "quotes"},
      {"{ \"a\" : 'x' }", "rc:1:9: JSON: found ''', a value is expected; texts stand in double quotes"},
      {"{ \"a\" : yes }",
       "rc:1:9: JSON: found the word yes, a value is expected; texts stand in double quotes"},
      {"{ \"a\" : [ 1 }", "rc:1:13: JSON: found '}', but what is open is the '[' of line 1"},
      {"{\n \"a\" : {\n  \"b\" : 1 }\n", "rc:4:1: JSON: found the end, and the '{' of line 1 is not closed"},
      {"[1,,2]", "rc:1:4: JSON: found ',', a value is expected"},
      {"[1]]", "rc:1:4: something follows the JSON value"},
      {"{ \"a\" : \"x\n}",
       "rc:1:9: JSON: the text that begins here is not closed: '\"' is expected before the line ends"},
      {"{ \"a\" : \"C:\\dir\" }", "rc:1:12: JSON: found \\d in a text; a backslash itself is written \\\\"},
      {"[\"\\u12\"]", "rc:1:3: JSON: found \\u in a text, four hexadecimal digits are expected behind it"},
      {"[010]", "rc:1:2: JSON: found 010, which is no number: write it like 10, -2.5 or 1e3"},
      {"[.5]", "rc:1:2: JSON: found .5, which is no number: write it like 10, -2.5 or 1e3"},
      {"[\"\xe4\"]", "rc:1:2: JSON: the text that begins here is no UTF-8: save the file in that encoding"},
      {"// x\n{}", "rc:1:1: JSON: found '/', a value is expected; comments begin with #"},
      {"\xef\xbb\xbf{}", "rc:1:1: JSON: found a byte order mark, a value is expected"},
      {"{ \xe2\x80\x9c", "rc:1:3: JSON: found '\xe2\x80\x9c', a key in double quotes, or '}', is expected"},
  };
  for (const auto& [text, says] : cases) EXPECT_EQ(read(text), says);
}

// Whatever the parser refuses for its syntax, there is a word for, and what it takes, there is none.
TEST(relaxed_json, has_words_for_whatever_is_cut_off_or_changed) {
  const std::string good = R"({"a":[1,-2.5e3,"x\n\u00e4",{"b":null,"c":{}},[]],"d":true,"e":false})";
  EXPECT_FALSE(find_json_trouble(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::vector<std::string> texts = {good.substr(0, i)};
    for (char c : {',', ':', '[', ']', '{', '}', '"', '\\', 'x', '1', '.', '\n'}) {
      texts.push_back(good);
      texts.back()[i] = c;
    }
    for (const std::string& text : texts) {
      const bool is_json = static_cast<bool>(value::from_json(text));
      EXPECT_EQ(find_json_trouble(text).has_value(), !is_json) << text;
    }
  }
}

TEST(relaxed_json, counts_characters_and_not_bytes) {
  EXPECT_TRUE(read("[\"\xc3\xa4\xe2\x82\xac\" x]").starts_with("rc:1:7: "))
      << read("[\"\xc3\xa4\xe2\x82\xac\" x]");
  EXPECT_TRUE(read("[\"\t\t\" x]").starts_with("rc:1:7: ")) << read("[\"\t\t\" x]");
}

TEST(relaxed_json, bounds_the_depth) { EXPECT_EQ(read(std::string(600, '[')).substr(0, 10), "rc:1:513: "); }

}  // namespace
}  // namespace aemp::api
