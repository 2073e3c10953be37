// Who gets which lines of the log.
#include <aemp/log.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/log_hook.hpp"

namespace aemp::core {
namespace {

using lines = std::vector<std::string>;

class the_log : public ::testing::Test {
 protected:
  the_log() {
    set_log_sink([this](int level, std::string_view text) { put(seen_, level, text); });
  }
  ~the_log() override {
    set_log_sink({});
    set_log_level(5);
  }
  static void put(lines& out, int level, std::string_view text) {
    out.push_back(std::to_string(level) + " " + std::string(text));
  }
  log_hook::function into(lines& out) {
    return [&out](int level, std::string_view text) { put(out, level, text); };
  }

  lines seen_;
};

TEST_F(the_log, prints_one_line_that_no_terminal_obeys) {
  set_log_sink({});
  testing::internal::CaptureStderr();
  log(1, "port a#b died: \x1b[2Jno\n2026-01-01 00:00:00 <0> all is well\n");
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(printed.ends_with(" <1> port a#b died: \\x1b[2Jno\\n2026-01-01 00:00:00 <0> all is well\n"))
      << printed;
}

TEST_F(the_log, gives_sinks_and_hooks_one_line_without_control_characters) {
  lines hooked;
  const log_hook hook(2, into(hooked));
  log(2, "name 'x\n<1> node server: all is well\x1b[2J' is not known\n");
  const lines expected{"2 name 'x\\n<1> node server: all is well\\x1b[2J' is not known"};
  EXPECT_EQ(expected, seen_);
  EXPECT_EQ(expected, hooked);
}

TEST_F(the_log, cuts_what_is_too_long_for_a_line) {
  log(2, std::string(1'000'000, '\x01'));
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "ä";
  log(2, text);
  ASSERT_EQ(2u, seen_.size());
  EXPECT_LT(seen_[0].size(), 4000u);
  EXPECT_EQ(seen_[1], "2 " + text.substr(0, 3500) + "…");
}

TEST_F(the_log, outlives_a_sink_that_throws) {
  int called = 0;
  set_log_sink([&](int, std::string_view) {
    ++called;
    throw std::runtime_error("broken sink");
  });
  ::testing::internal::CaptureStderr();
  log(1, "one");
  log(1, "two");
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(called, 2);
  EXPECT_NE(std::string::npos, printed.find("sink throws")) << printed;
  EXPECT_EQ(printed.find("sink throws"), printed.rfind("sink throws"));
}

// A pipe that nobody reads takes 64 KiB.
TEST_F(the_log, leaves_lines_out_instead_of_waiting_for_a_reader) {
  set_log_sink({});
  int pipe[2];
  ASSERT_EQ(0, ::pipe(pipe));
  const int before = ::dup(STDERR_FILENO);
  ASSERT_GE(::dup2(pipe[1], STDERR_FILENO), 0);
  for (int i = 0; i < 3000; ++i) log(1, "line " + std::to_string(i) + std::string(100, '.'));
  std::string all(1 << 20, '\0');
  const auto first = ::read(pipe[0], all.data(), all.size());
  log(1, "there is room again");
  const auto second = ::read(pipe[0], all.data() + first, all.size());
  ::dup2(before, STDERR_FILENO);
  for (const int fd : {before, pipe[0], pipe[1]}) ::close(fd);
  ASSERT_GT(first, 50'000);
  ASSERT_GT(second, 0);
  all.resize(static_cast<std::size_t>(first + second));
  EXPECT_NE(std::string::npos, all.find("<1> line 0.")) << all.substr(0, 200);
  EXPECT_NE(std::string::npos, all.find(" lines were left out: standard error took no more\n"));
  EXPECT_TRUE(all.ends_with("<1> there is room again\n"));
}

TEST_F(the_log, gives_its_sink_every_level) {
  log(0, "always");
  log(9, "trace");
  EXPECT_TRUE(log_enabled(9));
  EXPECT_EQ((lines{"0 always", "9 trace"}), seen_);
}

TEST_F(the_log, prints_up_to_its_level_without_a_sink) {
  set_log_sink({});
  set_log_level(1);
  ::testing::internal::CaptureStderr();
  log(1, "an error");
  log(2, "a warning");
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(std::string::npos, printed.find(" <1> an error\n")) << printed;
  EXPECT_EQ(std::string::npos, printed.find("a warning")) << printed;
  EXPECT_EQ('-', printed.at(4)) << printed;
  EXPECT_FALSE(log_enabled(2));
}

TEST_F(the_log, gives_hooks_the_lines_up_to_their_level_while_they_live) {
  lines few, all;
  {
    const log_hook one(2, into(few)), other(9, into(all));
    log(2, "a warning");
    log(7, "a connection");
  }
  log(0, "later");
  EXPECT_EQ(lines{"2 a warning"}, few);
  EXPECT_EQ((lines{"2 a warning", "7 a connection"}), all);
  EXPECT_EQ(3u, seen_.size());
}

TEST_F(the_log, makes_lines_for_a_hook_that_nobody_prints) {
  set_log_sink({});
  set_log_level(1);
  lines caught;
  ::testing::internal::CaptureStderr();
  {
    const log_hook hook(7, into(caught));
    EXPECT_TRUE(log_enabled(7));
    EXPECT_FALSE(log_enabled(8));
    log(7, "a connection");
  }
  EXPECT_FALSE(log_enabled(7));
  EXPECT_EQ(lines{"7 a connection"}, caught);
  EXPECT_EQ("", ::testing::internal::GetCapturedStderr());
}

TEST_F(the_log, leaves_hooks_out_for_a_thread_that_asks_for_it) {
  lines caught;
  const log_hook hook(9, into(caught));
  {
    const unhooked_log quiet;
    log(1, "about the hook");
  }
  log(1, "about something else");
  EXPECT_EQ(lines{"1 about something else"}, caught);
  EXPECT_EQ(2u, seen_.size());
}

}  // namespace
}  // namespace aemp::core
