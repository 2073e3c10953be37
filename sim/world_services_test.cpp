// Worlds whose nodes read each other's logs.
#include "sim/world.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

// All nodes of a world share the log of the process, so each line comes once from each other node.
class caught_logs : public testing::Test {
 protected:
  caught_logs() {
    set_log_sink([this](int, std::string_view text) { printed.emplace_back(text); });
  }
  ~caught_logs() override { set_log_sink({}); }

  static config seed(bool secure = false) {
    return {.nodeid = "seed", .binds = {"seed:4040"}, .seeds = {}, .secure = secure};
  }
  static config other(const std::string& id) {
    return {.nodeid = id, .binds = {id + ":4040"}, .seeds = {"seed:4040"}};
  }
  monitor catch_at(node& n, int level) {
    return n.catch_logs(level, [this](std::string from, int of, std::string text) {
      caught.push_back(from + " " + std::to_string(of) + " " + text);
    });
  }
  auto count(const std::string& line) const { return std::count(caught.begin(), caught.end(), line); }

  world w{1};
  std::vector<std::string> caught, printed;
};

TEST_F(caught_logs, come_from_nodes_that_are_there_and_nodes_that_come_later) {
  node& s = w.make_node("seed", seed());
  node& a = w.make_node("alpha", other("alpha"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  catch_at(s, 2);
  w.run_for(1s);
  log(2, "one");
  log(3, "not this one");
  w.run_for(1s);
  EXPECT_EQ((std::vector<std::string>{"alpha 2 one"}), caught);
  w.make_node("beta", other("beta"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("beta"); }, 10s));
  w.run_for(1s);
  log(0, "two");
  w.run_for(1s);
  EXPECT_EQ(1, count("alpha 0 two"));
  EXPECT_EQ(1, count("beta 0 two"));
  w.kill(a);
  w.run_for(1s);
  log(0, "three");
  w.run_for(1s);
  EXPECT_EQ(0, count("alpha 0 three"));
  EXPECT_EQ(1, count("beta 0 three"));
}

TEST_F(caught_logs, end_with_the_handle_and_with_the_port_they_belong_to) {
  node& s = w.make_node("seed", seed());
  w.make_node("alpha", other("alpha"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  monitor outside = catch_at(s, 5);
  const port_id owner = s.port([] {});
  s.peval(owner, [&] { catch_at(s, 5); });
  w.run_for(1s);
  log(1, "twice");
  w.run_for(1s);
  EXPECT_EQ(2, count("alpha 1 twice"));
  outside.cancel();
  w.run_for(1s);
  log(1, "once");
  w.run_for(1s);
  EXPECT_EQ(1, count("alpha 1 once"));
  s.kil(owner);
  w.run_for(1s);
  log(1, "never");
  w.run_for(1s);
  EXPECT_EQ(0, count("alpha 1 never"));
}

TEST_F(caught_logs, tell_the_time_and_who_wrote_them) {
  node& s = w.make_node("seed", seed());
  node& a = w.make_node("alpha", other("alpha"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  double time = 0;
  std::string title;
  a.catch_logs(1, [&](const std::string&, int, const std::string&, double t, std::string of) {
    time = t;
    title = of;
  });
  w.run_for(1s);
  log(1, "now");
  w.run_for(1s);
  EXPECT_EQ("aemp", title);
  EXPECT_GT(time, 0);
}

TEST_F(caught_logs, cause_no_lines_however_nodes_catch_each_other_and_whatever_their_handlers_log) {
  node& s = w.make_node("seed", seed());
  node& a = w.make_node("alpha", other("alpha"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  int handled = 0;
  for (node* n : {&s, &a}) {
    n->catch_logs(9, [&](std::string from, int of, std::string text) {
      ++handled;
      log(of, "[" + from + "] " + text);
    });
  }
  set_trace(true);
  w.run_for(10s);
  handled = 0;
  log(2, "quiet please");
  w.run_for(100s);
  set_trace(false);
  EXPECT_EQ(2, handled);
}

TEST(a_trace, shows_messages_that_leave_and_arrive_on_both_nodes) {
  std::vector<std::string> lines;
  world w(1);
  node& a = w.make_node("alpha", {.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {}});
  node& b = w.make_node("beta", {.nodeid = "beta", .binds = {}, .seeds = {"alpha:4040"}});
  a.rcv(*port_id::parse("alpha#log"), [] {});
  ASSERT_TRUE(w.run_until([&] { return a.node_is_up("beta") && b.node_is_up("alpha"); }, 10s));
  w.run_for(10s);
  set_log_sink([&](int level, std::string_view text) {
    if (level == 9) lines.emplace_back(text);
  });
  set_trace(true);
  b.snd(*port_id::parse("alpha#log"), "hello", 1);
  w.run_for(1s);
  b.snd(*port_id::parse("alpha"), "devnull", "x");
  w.run_for(1s);
  set_trace(false);
  set_log_sink({});
  EXPECT_EQ((std::vector<std::string>{"SND alpha#log hello 1", "RCV alpha#log hello 1", "SND alpha devnull x",
                                      "RCV alpha devnull x"}),
            lines);
}

TEST_F(caught_logs, are_bounded_when_there_is_a_flood) {
  node& s = w.make_node("seed", seed());
  w.make_node("alpha", other("alpha"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  catch_at(s, 2);
  w.run_for(1s);
  for (int i = 0; i < 5000; ++i) log(2, "flood");
  w.run_for(1s);
  EXPECT_GE(count("alpha 2 flood"), 1000);
  EXPECT_LE(count("alpha 2 flood"), 1001);
  log(2, std::string(10'000, 'x'));
  w.run_for(1s);
  EXPECT_EQ(1, count("alpha 2 " + std::to_string(5000 - count("alpha 2 flood")) +
                     " lines of the log were left out: there were too many"));
  EXPECT_EQ("alpha 2 " + std::string(3500, 'x') + "…", caught.back());
}

TEST_F(caught_logs, are_not_those_of_secure_nodes) {
  node& s = w.make_node("seed", seed(true));
  node& a = w.make_node("alpha", other("alpha"));
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  catch_at(a, 9);
  w.run_for(1s);
  log(1, "a secret");
  w.run_for(1s);
  EXPECT_TRUE(caught.empty());
  EXPECT_TRUE(std::any_of(printed.begin(), printed.end(), [](const std::string& line) {
    return line.starts_with("the log was not given to node alpha: node seed is secure");
  }));
}

TEST_F(caught_logs, do_not_make_a_node_dial_one_that_is_gone) {
  node& s = w.make_node("seed", seed());
  node& a = w.make_node("alpha", {.nodeid = "alpha", .binds = {}, .seeds = {"seed:4040"}});
  ASSERT_TRUE(w.run_until([&] { return s.node_is_up("alpha"); }, 10s));
  catch_at(a, 9);
  w.run_for(1s);
  w.kill(a);
  w.run_for(1s);
  EXPECT_TRUE(s.known_nodes().empty());
}

}  // namespace
}  // namespace aemp::sim
