#include "net/asio_loop.hpp"

#include <gtest/gtest.h>

#include <thread>

#include <boost/asio/post.hpp>

namespace aemp::net {
namespace {

using namespace std::chrono_literals;

core::time_point in(core::duration d) { return core::time_point::clock::now() + d; }

TEST(asio_loop, waits_until_the_given_time) {
  asio_loop loop;
  const auto until = in(20ms);
  loop.wait(until);
  EXPECT_GE(core::time_point::clock::now(), until);
  loop.wait(in(-1s));  // long over: does not wait
}

TEST(asio_loop, does_not_wait_after_a_wake_that_came_before) {
  asio_loop loop;
  loop.wake();
  loop.wake();
  const auto begin = core::time_point::clock::now();
  loop.wait(in(60s));
  EXPECT_LT(core::time_point::clock::now() - begin, 30s);
  loop.wait(in(5ms));  // and one wake is good for one wait
  EXPECT_GE(core::time_point::clock::now() - begin, 5ms);
}

TEST(asio_loop, runs_what_other_threads_post) {
  asio_loop loop;
  std::thread::id ran;
  std::thread other([&] { boost::asio::post(loop.context(), [&] { ran = std::this_thread::get_id(); }); });
  while (ran == std::thread::id()) loop.wait(in(60s));
  other.join();
  EXPECT_EQ(ran, std::this_thread::get_id());
}

TEST(asio_loop, handles_what_is_ready_in_poll_without_waiting) {
  asio_loop loop;
  int ran = 0;
  for (int i = 0; i < 3; ++i) boost::asio::post(loop.context(), [&] { ++ran; });
  loop.poll();
  EXPECT_EQ(ran, 3);
  loop.poll();
}

// Two threads hand a ball to and fro, each sleeping until it is woken: a lost wake would be a standstill.
TEST(asio_loop, loses_no_wake) {
  constexpr int rounds = 20000;
  asio_loop loops[2];
  std::atomic<int> ball = 0;
  const auto player = [&](int me) {
    for (int round = me; round < rounds; round += 2) {
      const auto deadline = in(60s);
      while (ball.load(std::memory_order_acquire) != round) {
        ASSERT_LT(core::time_point::clock::now(), deadline) << "a wake was lost in round " << round;
        // Now and then the loop does other things, so that wakes meet it in all states.
        if (round % 7 == 0) loops[me].poll();
        if (round % 5 == 0) {
          loops[me].wait(deadline);
        } else {
          loops[me].wait(std::nullopt);
        }
      }
      ball.store(round + 1, std::memory_order_release);
      loops[1 - me].wake();
    }
  };
  std::thread other(player, 1);
  player(0);
  other.join();
  EXPECT_EQ(ball.load(), rounds);
}

TEST(asio_loop, loses_no_wake_when_many_threads_wake_it) {
  constexpr int threads = 4;
  constexpr int each = 5000;
  asio_loop loop;
  std::atomic<int> sent = 0;
  std::vector<std::thread> wakers;
  for (int i = 0; i < threads; ++i) {
    wakers.emplace_back([&] {
      for (int n = 0; n < each; ++n) {
        sent.fetch_add(1, std::memory_order_release);
        loop.wake();
      }
    });
  }
  while (sent.load(std::memory_order_acquire) < threads * each) loop.wait(std::nullopt);
  for (std::thread& waker : wakers) waker.join();
  EXPECT_EQ(sent.load(), threads * each);
}

}  // namespace
}  // namespace aemp::net
