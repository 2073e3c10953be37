#include "tool/command_line.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

using namespace aemp;
using namespace aemp::tool;

namespace {

std::vector<std::string> names_of(const command_line& line) {
  std::vector<std::string> names;
  for (const step& s : line.steps) names.push_back(s.what->name);
  return names;
}

std::string error_of(const std::vector<std::string>& words) {
  const auto line = read_command_line(words);
  return line ? "none" : line.error().name;
}

std::vector<std::string> as_shell_splits(std::string_view line) {
  std::vector<std::string> words(1);
  for (bool quoted = false; char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace

TEST(command_line, takes_each_commands_arguments_and_goes_on_with_the_next) {
  const auto line = read_command_line({"profile", "p", "setnodeid", "setbinds", "gensecret"});
  ASSERT_TRUE(line);
  EXPECT_EQ(names_of(*line), (std::vector<std::string>{"profile", "setnodeid", "gensecret"}));
  EXPECT_EQ(line->steps[1].arguments, std::vector<value>{"setbinds"});  // what has to be there is no command
}

TEST(command_line, leaves_an_optional_argument_out_before_a_command) {
  const auto line = read_command_line({"gencert", "profiles", "gencert", "ca.pem"});
  ASSERT_TRUE(line);
  EXPECT_EQ(names_of(*line), (std::vector<std::string>{"gencert", "profiles", "gencert"}));
  EXPECT_TRUE(line->steps[0].arguments.empty());
  EXPECT_EQ(line->steps[2].arguments, std::vector<value>{"ca.pem"});
}

TEST(command_line, takes_the_short_name_of_a_setting_for_an_argument_where_one_can_stand) {
  for (const char* name : {"workers", "secret", "global", "binds", "exit"}) {
    const auto line = read_command_line({"groups", name, "trace", name, "db", "get", "facts", name});
    ASSERT_TRUE(line) << line.error().text;
    EXPECT_EQ(names_of(*line), (std::vector<std::string>{"groups", "trace", "db get"}));
    for (const step& s : line->steps) EXPECT_EQ(s.arguments.back(), value(name));
  }
  EXPECT_EQ(names_of(*read_command_line({"profile", "p", "workers", "4", "binds", "*"})),
            (std::vector<std::string>{"profile", "setworkers", "setbinds"}))
      << "where no argument can stand, it is a command";
}

TEST(command_line, has_no_commands_behind_two_dashes_that_stand_behind_one) {
  const auto group = read_command_line({"groups", "--", "nodes"});
  ASSERT_TRUE(group) << group.error().text;
  EXPECT_EQ(names_of(*group), std::vector<std::string>{"groups"});
  EXPECT_EQ(group->steps[0].arguments, std::vector<value>{"nodes"});
  EXPECT_EQ(read_command_line({"db", "get", "facts", "--", "db"})->steps[0].arguments.back(), value("db"));
  EXPECT_EQ(read_command_line({"gensecret", "groups", "--", "trace"})->steps.size(), 2u);
  EXPECT_EQ(error_of({"groups", "--", "nodes", "nodes"}), "useless_argument");
  EXPECT_EQ(error_of({"gensecret", "--", "nodes"}), "useless_argument");
  EXPECT_EQ(names_of(*read_command_line({"--", "gencert", "profiles"})),
            (std::vector<std::string>{"gencert", "profiles"}))
      << "before all commands they end the options only";
  EXPECT_EQ(error_of({"--", "profiles", "--json"}), "unknown_command");
  EXPECT_EQ(error_of({R"(["profile","p","gensecret"])", "--"}), "none");
  EXPECT_EQ(error_of({"--"}), "none");
}

TEST(command_line, knows_json_from_addresses) {
  const auto line =
      read_command_line({"addbind", "[::1]:55", "setservices", R"([["f",7]])", "setnodeid", R"("[x")"});
  ASSERT_TRUE(line) << line.error().text;
  EXPECT_EQ(line->steps[0].arguments[0], value("[::1]:55"));
  EXPECT_EQ(line->steps[1].arguments[0][0][1], value(7));
  EXPECT_EQ(line->steps[2].arguments[0], value("[x"));
  EXPECT_EQ(error_of({"setnodeid", "[x"}), "bad_json");
  EXPECT_EQ(error_of({"setnodeid", "{"}), "bad_json");
}

TEST(command_line, a_list_alone_replaces_all_arguments) {
  const auto line = read_command_line({"--json", R"(["profile","p","setworkers",4])"});
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->has("--json"));
  EXPECT_EQ(names_of(*line), (std::vector<std::string>{"profile", "setworkers"}));
}

TEST(command_line, options_stand_anywhere_but_behind_two_dashes) {
  const auto line = read_command_line({"setnodeid", "--timeout", "2", "--json", "--", "--x"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->options.at("--timeout"), "2");
  EXPECT_EQ(line->steps[0].arguments, std::vector<value>{"--x"});
  EXPECT_EQ(read_command_line({"profiles", "--timeout=3"})->options.at("--timeout"), "3");
  EXPECT_EQ(error_of({"profiles", "--timeout"}), "missing_argument");
  EXPECT_EQ(error_of({"profiles", "--json=1"}), "useless_option");
  EXPECT_EQ(error_of({"profiles", "--secrets"}), "useless_option");
  EXPECT_EQ(error_of({"profiles", "--such"}), "unknown_option");
}

RC_GTEST_PROP(command_line, makes_sense_of_any_words_or_says_why_not, ()) {
  std::vector<std::string> vocabulary = {
      "--", "--json", "--timeout", "--timeout=3", "--help",       "x",       "db",
      "",   "[1]",    "{",         "\"a\"",       "[\"groups\"]", "[::1]:1", "-"};
  for (const std::string& name : all_command_names()) {
    vocabulary.push_back(name.substr(0, name.find(' ')));
    if (name.find(' ') != std::string::npos) vocabulary.push_back(name.substr(name.find(' ') + 1));
  }
  const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(vocabulary));
  const auto line = read_command_line(words);
  if (!line) {
    RC_ASSERT(!line.error().name.empty() && !line.error().text.empty());
    return;
  }
  for (const step& s : line->steps) {
    const auto parameters = s.what->parameters();
    const bool has_rest = !parameters.empty() && parameters.back().rest;
    RC_ASSERT(has_rest || s.arguments.size() <= parameters.size());
  }
}

TEST(command_line, help_needs_no_arguments) { EXPECT_EQ(error_of({"setnodeid", "--help"}), "none"); }

TEST(commands, have_names_of_their_own_a_summary_and_an_example_that_works) {
  const auto names = all_command_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const section& s : command_table()) {
    for (const command& c : s.commands) {
      EXPECT_FALSE(c.summary.empty() || c.summary.ends_with('.')) << c.name;
      const auto example = read_command_line(as_shell_splits(c.example));
      ASSERT_TRUE(example) << c.example << ": " << example.error().text;
      EXPECT_TRUE(std::ranges::any_of(example->steps, [&](const step& st) { return st.what == &c; }))
          << c.example;
      EXPECT_TRUE(c.run) << c.name;
      for (const std::string& o : c.options) EXPECT_NE(find_option(o), nullptr) << c.name;
      for (bool rest = false; const parameter& p : c.parameters()) {
        EXPECT_FALSE(rest) << c.name << ": nothing can follow the rest";
        rest = p.rest;
      }
    }
  }
}

TEST(commands, are_found_by_what_somebody_may_have_meant) {
  EXPECT_EQ(api::similar("setnodied", all_command_names()).at(0), "setnodeid");
  EXPECT_EQ(api::similar("profil", {"profile", "help"}), std::vector<std::string>{"profile"});
  EXPECT_TRUE(api::similar("xyzzy", all_command_names()).empty());
}
