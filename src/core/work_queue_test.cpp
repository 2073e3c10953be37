// The three parts of what waits for a worker's ports, and that they are one queue.
#include "core/work_queue.hpp"

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class waiting_work : public testing::Test {
 protected:
  static detail::block* numbered(std::uint64_t n) {
    detail::block* const b = message("n").leak();
    b->port = n;
    return b;
  }
  void push(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t n = from; n <= to; ++n) q.push(numbered(n));
  }
  // The number of a block that is gone then; zero: there is none.
  static std::uint64_t number_of(detail::block* b) {
    if (b == nullptr) return 0;
    const std::uint64_t n = b->port;
    detail::release(*b);
    return n;
  }
  std::string all() {
    std::string numbers;
    while (const std::uint64_t n = number_of(q.pop())) numbers += std::to_string(n) + " ";
    return numbers;
  }

  work_queue q;
};

TEST_F(waiting_work, comes_in_the_order_in_which_it_was_pushed) {
  push(1, 3);
  EXPECT_FALSE(q.empty());
  EXPECT_FALSE(q.has_counted());
  EXPECT_EQ(all(), "1 2 3 ");
  EXPECT_TRUE(q.empty());
}

TEST_F(waiting_work, that_goes_on_is_the_next_for_whoever_pops) {
  push(1, 2);
  q.push_front(numbered(9));
  EXPECT_EQ(number_of(q.incoming().pop()), 9u) << "nobody counts";
  q.close();
  q.push_front(numbered(8));
  EXPECT_EQ(number_of(q.incoming().pop()), 0u);
  EXPECT_EQ(all(), "8 1 2 ");
}

TEST_F(waiting_work, is_not_found_among_what_comes_in_once_somebody_counts) {
  push(1, 2);
  q.close();
  push(3, 4);
  EXPECT_EQ(q.incoming().pop(), nullptr);
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(number_of(q.pop_uncounted()), 1u);
  push(5, 5);
  EXPECT_EQ(all(), "2 3 4 5 ");
}

TEST_F(waiting_work, may_be_closed_while_there_is_none) {
  q.close();
  q.close();
  push(1, 2);
  EXPECT_EQ(all(), "1 2 ");
  push(3, 3);
  EXPECT_EQ(number_of(q.incoming().pop()), 3u);
}

TEST_F(waiting_work, that_is_held_stays_behind_what_was_counted_and_before_what_comes) {
  push(1, 4);
  q.push_counted(q.pop_uncounted());
  q.hold(q.pop_uncounted());
  push(5, 5);
  EXPECT_EQ(q.counted(), 1u);
  std::string seen;
  q.for_each([&](const detail::block& b) {
    seen += std::to_string(b.port) + " ";
    return b.port != 4;
  });
  EXPECT_EQ(seen, "1 2 3 4 ");
  EXPECT_EQ(all(), "1 2 3 4 5 ");
}

}  // namespace
}  // namespace aemp::core
