#include "sim/explore.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace aemp::sim {
namespace {

// Threads of events, each in its own order; the chooser interleaves them.
struct thread {
  std::string name;
  int length;
  std::string where = {};
};

std::string interleave(chooser& next, std::vector<thread> threads) {
  std::map<std::string, int> done;
  std::string order;
  for (;;) {
    std::vector<choice> offered;
    for (const thread& t : threads) {
      if (done[t.name] < t.length) offered.push_back({t.name + std::to_string(done[t.name] + 1), t.where});
    }
    if (offered.empty()) return order;
    const choice& taken = offered[next.choose(offered)];
    order += taken.what + ' ';
    ++done[taken.what.substr(0, 1)];
  }
}

TEST(explore, runs_every_interleaving_once) {
  std::set<std::string> orders;
  const exploration all = explore([&](chooser& next) -> std::string {
    const bool fresh = orders.insert(interleave(next, {{"a", 3}, {"b", 4}})).second;
    return fresh ? "" : "seen before";
  });
  EXPECT_TRUE(all.complete);
  EXPECT_EQ("", all.failure);
  EXPECT_EQ(35u, all.schedules);  // 7! / (3! 4!)
  EXPECT_EQ(35u, orders.size());
}

TEST(explore, knows_the_number_for_three_threads_too) {
  const exploration all = explore([](chooser& next) -> std::string {
    interleave(next, {{"a", 2}, {"b", 2}, {"c", 2}});
    return "";
  });
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(90u, all.schedules);  // 6! / 2!^3
}

TEST(explore, stops_at_the_limit_and_says_that_it_did) {
  const exploration some = explore(
      [](chooser& next) -> std::string {
        interleave(next, {{"a", 5}, {"b", 5}});
        return "";
      },
      {.limit = 100});
  EXPECT_FALSE(some.complete);
  EXPECT_EQ(100u, some.schedules);
}

TEST(explore, gives_the_answers_that_replay_a_failure) {
  const scenario bad_when_b2_overtakes_a1 = [](chooser& next) -> std::string {
    const std::string order = interleave(next, {{"a", 2}, {"b", 2}});
    return order.find("b2") < order.find("a1") ? order : "";
  };
  const exploration found = explore(bad_when_b2_overtakes_a1);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ("b1 b2 a1 a2 ", found.failure);
  EXPECT_EQ((std::vector<std::string>{"b1", "b2", "a1", "a2"}), found.story);
  chooser again(found.answers);
  EXPECT_EQ(found.failure, bad_when_b2_overtakes_a1(again));
  EXPECT_NE(std::string::npos, found.str().find("chooser({1, 1})")) << found.str();
}

TEST(explore, takes_an_exception_for_a_failure) {
  const exploration found = explore([](chooser& next) -> std::string {
    if (next.choose(3) == 2) throw std::runtime_error("broken");
    return "";
  });
  EXPECT_EQ("exception: broken", found.failure);
  EXPECT_EQ(3u, found.schedules);
  EXPECT_EQ((std::vector<std::size_t>{2}), found.answers);
}

TEST(explore, notices_a_scenario_that_is_not_deterministic) {
  int runs = 0;
  const exploration found = explore([&](chooser& next) -> std::string {
    next.choose(2, "run " + std::to_string(++runs));
    return "";
  });
  EXPECT_NE(std::string::npos, found.failure.find("not deterministic")) << found.failure;
}

// What is left of an interleaving when events at different places may be swapped: the order at each place.
TEST(explore, runs_each_order_at_each_place_once_when_it_skips_equivalent_schedules) {
  const std::vector<thread> threads = {{"a", 2, "x"}, {"b", 2, "x"}, {"c", 2, "y"}, {"d", 2, "y"}};
  std::set<std::string> full, reduced;
  const auto collect = [&](std::set<std::string>& into) {
    return [&](chooser& next) -> std::string {
      const std::string order = interleave(next, threads);
      std::string at_x, at_y;
      for (std::size_t i = 0; i + 1 < order.size(); i += 3) {
        (order[i] < 'c' ? at_x : at_y) += order.substr(i, 2);
      }
      into.insert(at_x + '|' + at_y);
      return "";
    };
  };
  const exploration all = explore(collect(full));
  const exploration fewer = explore(collect(reduced), {.skip_equivalent = true});
  EXPECT_EQ(2520u, all.schedules);  // 8! / 2!^4
  EXPECT_TRUE(fewer.complete);
  EXPECT_EQ(36u, fewer.schedules);  // 6 orders at x, 6 at y
  EXPECT_EQ(full, reduced);
}

TEST(explore, skips_nothing_between_events_that_are_everywhere) {
  const exploration all = explore(
      [](chooser& next) -> std::string {
        interleave(next, {{"a", 2}, {"b", 2, "x"}});
        return "";
      },
      {.skip_equivalent = true});
  EXPECT_EQ(6u, all.schedules);
  EXPECT_EQ(0u, all.skipped);
}

TEST(chooser, refuses_answers_of_another_scenario) {
  chooser next({5});
  EXPECT_THROW(next.choose(2), std::logic_error);
  EXPECT_THROW(next.choose(0), std::invalid_argument);
}

TEST(chooser, by_chance_gives_the_same_answers_for_the_same_seed) {
  random_chooser one(9), same(9);
  std::set<std::string> orders;
  EXPECT_EQ(interleave(one, {{"a", 5}, {"b", 5}}), interleave(same, {{"a", 5}, {"b", 5}}));
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random_chooser next(seed);
    orders.insert(interleave(next, {{"a", 2}, {"b", 2}}));
  }
  EXPECT_EQ(6u, orders.size());
}

TEST(sample, tries_one_seed_after_the_other) {
  std::vector<std::uint64_t> seen;
  const auto run = [&](std::uint64_t seed) {
    seen.push_back(seed);
    return std::string();
  };
  const sampling done = sample(run, 5, 3);
  EXPECT_EQ((std::vector<std::uint64_t>{5, 6, 7}), seen);
  EXPECT_EQ(3u, done.runs);
  EXPECT_EQ("3 seeds", done.str("again {}"));
}

TEST(sample, says_how_to_run_the_seed_again_that_fails) {
  const auto run = [](std::uint64_t seed) {
    if (seed == 8) throw std::runtime_error("over");
    return std::string(seed == 7 ? "wrong" : "");
  };
  EXPECT_EQ("3 seeds; seed 7 fails. Replay it with\n  SEED=7 program\nwrong",
            sample(run, 5, 10).str("SEED={} program"));
  EXPECT_EQ("exception: over", sample(run, 8, 10).failure);
}

}  // namespace
}  // namespace aemp::sim
