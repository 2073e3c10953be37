#include "core/port_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <thread>

namespace aemp::core {
namespace {

using state = port_entry::state;

TEST(port_number, keeps_its_parts) {
  const std::uint64_t n = port_number::make(255, (1u << 28) - 1, port_number::last_generation);
  EXPECT_EQ(port_number::worker(n), 255u);
  EXPECT_EQ(port_number::slot(n), (1u << 28) - 1);
  EXPECT_EQ(port_number::generation(n), port_number::last_generation);
  EXPECT_EQ(n, UINT64_MAX);
  EXPECT_EQ(port_number::worker(port_number::make(3, 2, 1)), 3u);
  EXPECT_EQ(port_number::slot(port_number::make(3, 2, 1)), 2u);
  EXPECT_EQ(port_number::generation(port_number::make(3, 2, 1)), 1u);
}

TEST(port_table, finds_what_is_open_and_nothing_else) {
  port_table t(7);
  const std::uint64_t a = t.take();
  EXPECT_EQ(port_number::worker(a), 7u);
  EXPECT_EQ(t.find(a), nullptr);
  port_entry& e = t.open(a, state::live);
  EXPECT_EQ(t.find(a), &e);
  EXPECT_EQ(t.size(), 1u);
  EXPECT_EQ(t.find(0), nullptr);
  EXPECT_EQ(t.find(UINT64_MAX), nullptr);
  EXPECT_EQ(t.find(port_number::make(7, port_number::slot(a), 2)), nullptr);
  EXPECT_EQ(t.find(port_number::make(7, 200'000'000, 1)), nullptr);
  t.close(a);
  EXPECT_EQ(t.find(a), nullptr);
  EXPECT_EQ(t.size(), 0u);
}

TEST(port_table, a_slot_that_was_freed_comes_back_under_another_number) {
  port_table t(0);
  const std::uint64_t a = t.take();
  t.open(a, state::live).dropped = 5;
  t.close(a);
  const std::uint64_t b = t.take();
  EXPECT_EQ(port_number::slot(b), port_number::slot(a));
  EXPECT_EQ(port_number::generation(b), port_number::generation(a) + 1);
  EXPECT_EQ(t.open(b, state::reply).dropped, 0u);
  EXPECT_EQ(t.find(a), nullptr);
  EXPECT_EQ(t.find(b)->what, state::reply);
}

TEST(port_table, a_slot_whose_generations_are_used_up_is_retired) {
  port_table t(0);
  const std::uint64_t first = t.take();
  const std::uint32_t slot = port_number::slot(first);
  // The last generation but one: as if the slot had been used some 268 million times.
  const std::uint64_t before_last = port_number::make(0, slot, port_number::last_generation - 1);
  t.open(before_last, state::live);
  t.close(before_last);
  const std::uint64_t last = t.take();
  EXPECT_EQ(last, port_number::make(0, slot, port_number::last_generation));
  t.open(last, state::live);
  t.close(last);
  EXPECT_EQ(t.find(last), nullptr);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t n = t.take();
    ASSERT_NE(port_number::slot(n), slot);
    t.open(n, state::live);
  }
}

// Against a set of the numbers that are open: none is given out twice, and exactly the open ones are found.
TEST(port_table, never_gives_out_a_number_twice) {
  EXPECT_TRUE(rc::check([] {
    port_table t(1);
    std::set<std::uint64_t> ever, open;
    const auto steps = *rc::gen::inRange(0, 600);
    for (int i = 0; i < steps; ++i) {
      const int what = *rc::gen::inRange(0, 5);
      if (what < 3) {
        const std::uint64_t n = what == 0 ? t.reserve() : t.take();
        RC_ASSERT(ever.insert(n).second);
        RC_ASSERT(t.find(n) == nullptr);
        t.open(n, state::live);
        open.insert(n);
      } else if (!open.empty()) {
        auto victim = open.begin();
        std::advance(victim, *rc::gen::inRange<std::size_t>(0, open.size()));
        t.close(*victim);
        open.erase(victim);
      }
    }
    RC_ASSERT(t.size() == open.size());
    for (std::uint64_t n : ever) RC_ASSERT((t.find(n) != nullptr) == open.contains(n));
    std::set<std::uint64_t> listed;
    t.for_each([&](std::uint64_t n) { listed.insert(n); });
    RC_ASSERT(listed == open);
  }));
}

TEST(port_table, grows_and_never_moves_an_entry) {
  port_table t(0);
  std::map<std::uint64_t, port_entry*> entries;
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t n = t.take();
    entries[n] = &t.open(n, state::live);
  }
  EXPECT_EQ(entries.size(), 20000u);
  for (auto [n, e] : entries) ASSERT_EQ(t.find(n), e);
}

TEST(port_table, other_threads_reserve_while_the_worker_works) {
  port_table t(0);
  std::vector<std::vector<std::uint64_t>> reserved(3);
  std::vector<std::thread> threads;
  for (auto& mine : reserved) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3000; ++i) mine.push_back(t.reserve());
    });
  }
  std::set<std::uint64_t> all;
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t n = t.take();
    t.open(n, state::live);
    ASSERT_NE(t.find(n), nullptr);
    all.insert(n);
    if (i % 3 == 0) t.close(n);
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& list : reserved) {
    for (std::uint64_t n : list) {
      ASSERT_EQ(t.find(n), nullptr);
      t.open(n, state::live);
      ASSERT_TRUE(all.insert(n).second);
    }
  }
  EXPECT_EQ(all.size(), 12000u);
  EXPECT_EQ(t.size(), 11000u);
}

}  // namespace
}  // namespace aemp::core
