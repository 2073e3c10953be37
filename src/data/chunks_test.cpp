// Chunks give out what they have once, in the order of memory, and return what is not needed.
#include "data/chunks.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace aemp::detail {
namespace {

std::vector<free_block*> items(free_block* list) {
  std::vector<free_block*> all;
  for (; list != nullptr; list = list->next) all.push_back(list);
  return all;
}

free_block* list_of(const std::vector<free_block*>& all) {
  free_block* list = nullptr;
  for (free_block* b : all) {
    b->next = list;
    list = b;
  }
  return list;
}

TEST(chunks, fresh_blocks_lie_side_by_side) {
  chunks of64(64);
  const auto all = items(of64.take(100));
  ASSERT_EQ(all.size(), 100u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(reinterpret_cast<char*>(all[i]) - reinterpret_cast<char*>(all[0]),
              static_cast<std::ptrdiff_t>(64 * i));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all[i]) % 64, 0u);
  }
  of64.put(list_of(all));
}

TEST(chunks, none_is_given_out_twice_and_those_that_came_home_are_given_again) {
  chunks of48(48);
  const auto first = items(of48.take(1000));
  const std::set<free_block*> known(first.begin(), first.end());
  EXPECT_EQ(known.size(), 1000u);
  of48.put(list_of(first));
  const auto again = items(of48.take(1000));
  EXPECT_EQ(std::set<free_block*>(again.begin(), again.end()), known);
  EXPECT_EQ(of48.chunks_held(), 1u);
  of48.put(list_of(again));
}

TEST(chunks, memory_of_a_long_queue_goes_back_to_the_system) {
  chunks of1024(1024);
  const auto all = items(of1024.take(10'000));
  EXPECT_EQ(std::set<free_block*>(all.begin(), all.end()).size(), 10'000u);
  EXPECT_EQ(of1024.chunks_held(), 5u);  // 2047 in each
  of1024.put(list_of(std::vector(all.begin() + 100, all.end())));
  EXPECT_EQ(of1024.chunks_held(), 1u);
  of1024.put(list_of(std::vector(all.begin(), all.begin() + 100)));
  EXPECT_EQ(of1024.chunks_held(), 1u);
  const auto again = items(of1024.take(2047));
  EXPECT_EQ(of1024.chunks_held(), 1u);
  of1024.put(list_of(again));
}

TEST(chunks, full_ones_give_again_when_something_came_home) {
  chunks of1024(1024);
  const auto all = items(of1024.take(2 * 2047));
  ASSERT_EQ(of1024.chunks_held(), 2u);
  of1024.put(list_of({all[5]}));
  of1024.put(list_of({all[3000]}));
  const auto more = items(of1024.take(2));
  EXPECT_EQ(std::set<free_block*>(more.begin(), more.end()), (std::set<free_block*>{all[5], all[3000]}));
  EXPECT_EQ(of1024.chunks_held(), 2u);
  of1024.put(list_of(all));
  EXPECT_EQ(of1024.chunks_held(), 1u);
}

}  // namespace
}  // namespace aemp::detail
