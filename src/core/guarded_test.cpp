#include "core/guarded.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <type_traits>
#include <vector>

namespace aemp::core {
namespace {

TEST(guarded, gives_its_value_to_one_thread_at_a_time) {
  guarded<std::vector<int>> numbers;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) numbers.lock()->push_back(i);
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(numbers.lock()->size(), 4000u);
}

TEST(guarded, lets_several_threads_read_but_not_write) {
  shared_guarded<int> number(7);
  const auto one = number.shared(), two = number.shared();
  EXPECT_EQ(*one + *two, 14);
  static_assert(std::is_const_v<std::remove_reference_t<decltype(*one)>>);
}

TEST(guarded, is_unlocked_when_the_access_ends) {
  guarded<int> number(1);
  *number.lock() = 2;
  {
    const auto locked = number.lock();
    ++*locked;
  }
  EXPECT_EQ(*number.lock(), 3);
}

}  // namespace
}  // namespace aemp::core
