#include "tool/terminal/line_history.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "api/scratch_home_test.hpp"

namespace aemp::tool {
namespace {

using lines = std::vector<std::string>;

struct a_history : ::testing::Test {
  api::testing::scratch_home home;
  const std::string path = home.path() + "/state/aemp/shell_history";

  lines kept() const { return line_history(path).lines(); }
};

TEST_F(a_history, is_there_for_the_next_shell_and_for_nobody_else) {
  line_history first(path);
  EXPECT_TRUE(first.add("nodes"));
  line_history second(path);  // at the same time
  EXPECT_TRUE(second.add("ports seed"));
  EXPECT_TRUE(first.add("quit"));
  EXPECT_EQ(kept(), (lines{"nodes", "ports seed", "quit"}));
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(a_history, leaves_out_repetitions_secrets_and_lines_that_begin_with_a_blank) {
  line_history h(path);
  EXPECT_TRUE(h.add("nodes"));
  for (const char* line : {"nodes", "", " ports seed", "setsecret abc", "secret abc"})
    EXPECT_FALSE(h.add(line)) << line;
  EXPECT_EQ(kept(), lines{"nodes"});
}

TEST_F(a_history, does_not_grow_for_ever) {
  std::string much;
  for (int i = 0; i < 2000; ++i) much += "ping " + std::to_string(i) + "\n";
  home.write("state/aemp/shell_history", much);
  EXPECT_EQ(kept().size(), 1000u);
  EXPECT_EQ(kept().front(), "ping 1000");
  EXPECT_LT(std::filesystem::file_size(path), much.size());
}

TEST_F(a_history, without_a_place_keeps_nothing_and_says_nothing) {
  line_history h("");
  EXPECT_TRUE(h.add("nodes"));
  EXPECT_EQ(h.lines(), lines{"nodes"});
  line_history nowhere("/proc/nowhere/history");
  EXPECT_TRUE(nowhere.add("nodes"));
}

TEST_F(a_history, lies_where_the_environment_says) {
  EXPECT_EQ(line_history::usual_path(), home.path() + "/.local/state/aemp/shell_history");
  home.unset("HOME");
  EXPECT_EQ(line_history::usual_path(), "");
}

}  // namespace
}  // namespace aemp::tool
