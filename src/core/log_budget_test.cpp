#include "core/log_budget.hpp"

#include <gtest/gtest.h>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

using namespace std::chrono_literals;

class budget : public ::testing::Test {
 protected:
  void say(const std::string& subject, const std::string& text, int level = 2) {
    lines.log(now, level, subject, [&] {
      ++made;
      return text;
    });
  }

  log_capture log;
  log_budget lines;
  time_point now{1h};
  int made = 0;
};

TEST_F(budget, lets_ten_lines_a_minute_be_written_about_each_subject) {
  for (int i = 0; i < 100; ++i) {
    say("10.0.0.1", "knock");
    say("10.0.0.2", "knock too");
  }
  EXPECT_EQ(log.at(2, "knock").size(), 20u);
  EXPECT_EQ(made, 20);
  EXPECT_EQ(log.at(2, "more lines about this are left out").size(), 2u);
  EXPECT_EQ(log.lines().size(), 22u);
}

TEST_F(budget, says_how_many_were_left_out_when_the_minute_is_over) {
  for (int i = 0; i < 100; ++i) say("10.0.0.1", "knock");
  now += 1min;
  say("somebody else", "hello");
  EXPECT_EQ(log.at(2, "10.0.0.1: 90 lines about this were left out").size(), 1u);
  say("10.0.0.1", "a new minute");
  EXPECT_EQ(log.at(2, "a new minute").size(), 1u);
}

TEST_F(budget, remembers_a_bounded_number_of_subjects) {
  for (int i = 0; i < 5000; ++i) say(std::to_string(i), "knock");
  EXPECT_EQ(log.lines().size(), log_budget::subjects);
  now += 1min;
  say("another", "after a minute");
  EXPECT_EQ(log.at(2, "after a minute").size(), 1u);
}

TEST_F(budget, makes_no_text_that_nobody_wants) {
  set_log_sink({});
  say("x", "unseen", 9);
  EXPECT_EQ(made, 0);
}

TEST(limited_lines, of_messages_to_ports_that_do_not_exist) {
  log_capture log;
  world w;
  const port_id gone = *port_id::parse("here#uniq-of-the-run-before.1");
  for (int i = 0; i < 1000; ++i) w.me.snd(gone, "x");
  EXPECT_EQ(log.at(5, "was dropped: no such port").size(), 10u);
  EXPECT_EQ(log.lines().size(), 11u);
}

TEST(limited_lines, of_ports_that_die_unmonitored_and_of_exceptions) {
  log_capture log;
  world w;
  for (int i = 0; i < 100; ++i) {
    w.me.kil(w.me.port(), "why");
    w.me.after(0s, [] { throw std::runtime_error("broken"); });
  }
  w.pass(1s);
  EXPECT_EQ(log.at(2, "died unmonitored").size(), 11u);
  EXPECT_EQ(log.at(1, "internal_error").size(), 10u);
  EXPECT_EQ(w.core().internal_errors(), 100u);
}

}  // namespace
}  // namespace aemp::core
