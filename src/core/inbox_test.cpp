#include "core/inbox.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <thread>

#include "core/poller.hpp"

namespace aemp::core {
namespace {

detail::block* entry(int producer, int n) { return message(producer, n).leak(); }

std::pair<int, int> read(detail::block* b) {
  const message m = message::adopt(b);
  return {m[0].as<int>(), m[1].as<int>()};
}

TEST(inbox, gives_back_in_order) {
  inbox in;
  run_queue out;
  in.drain_to(out);
  EXPECT_TRUE(out.empty());
  for (int i = 0; i < 3; ++i) {
    detail::block* b = entry(0, i);
    EXPECT_FALSE(in.push(b));
  }
  open_parcel batch;
  for (int i = 3; i < 6; ++i) batch.put(entry(0, i));
  in.push(batch.take());
  EXPECT_TRUE(batch.empty());
  batch.put(entry(0, 6));
  in.push(batch.take());
  EXPECT_FALSE(in.empty());
  in.drain_to(out);
  EXPECT_TRUE(in.empty());
  for (int i = 0; i < 7; ++i) EXPECT_EQ(read(out.pop()).second, i);
  EXPECT_TRUE(out.empty());
}

TEST(inbox, only_a_sleeper_needs_to_be_woken_and_only_once) {
  inbox in;
  EXPECT_TRUE(in.try_sleep());
  detail::block* a = entry(0, 0);
  EXPECT_TRUE(in.push(a));
  detail::block* b = entry(0, 1);
  EXPECT_FALSE(in.push(b));
  EXPECT_FALSE(in.try_sleep());  // there is something
  run_queue out;
  in.drain_to(out);
  EXPECT_TRUE(in.try_sleep());
  in.awake();
  detail::block* c = entry(0, 2);
  EXPECT_FALSE(in.push(c));
}

TEST(inbox, frees_what_is_left) {
  const auto alive = std::make_shared<int>(0);
  {
    inbox in;
    in.push(message("x", alive).leak());
    open_parcel batch;
    for (int i = 0; i < 3; ++i) batch.put(message("x", alive).leak());
    in.push(batch.take());
    open_parcel left;
    left.put(message("x", alive).leak());
    EXPECT_EQ(alive.use_count(), 6);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

// Several producers push batches of any sizes while the owner drains, and sleeps whenever it may.
void check_order(const std::vector<std::vector<int>>& batches_of_producers) {
  inbox in;
  const auto sleep = make_condition_poller();
  std::size_t expected = 0;
  std::vector<std::thread> producers;
  for (std::size_t p = 0; p < batches_of_producers.size(); ++p) {
    for (int size : batches_of_producers[p]) expected += static_cast<std::size_t>(size);
    producers.emplace_back([&, p] {
      int n = 0;
      for (int size : batches_of_producers[p]) {
        open_parcel batch;
        for (int i = 0; i < size; ++i) {
          batch.put(entry(static_cast<int>(p), n++));
          if ((batch.full() || i + 1 == size) && in.push(batch.take())) sleep->wake();
        }
      }
    });
  }
  std::vector<int> next(batches_of_producers.size());
  std::size_t got = 0;
  bool in_order = true;
  while (got < expected) {
    run_queue out;
    in.drain_to(out);
    while (detail::block* b = out.pop()) {
      const auto [p, n] = read(b);
      in_order = in_order && next[static_cast<std::size_t>(p)]++ == n;
      ++got;
    }
    if (got < expected && in.try_sleep()) {
      sleep->wait({});
      in.awake();
    }
  }
  for (std::thread& t : producers) t.join();
  RC_ASSERT(in_order);
  RC_ASSERT(in.empty());
}

TEST(inbox, what_one_thread_pushes_arrives_in_the_order_it_pushed) {
  EXPECT_TRUE(rc::check([] {
    const auto producers = *rc::gen::inRange<std::size_t>(1, 5);
    std::vector<std::vector<int>> batches(producers);
    for (auto& list : batches) {
      list = *rc::gen::container<std::vector<int>>(*rc::gen::inRange<std::size_t>(0, 60),
                                                   rc::gen::inRange(1, 150));
    }
    check_order(batches);
  }));
}

TEST(inbox, keeps_the_order_of_many_single_messages) {
  check_order(std::vector<std::vector<int>>(4, std::vector<int>(5000, 1)));
}

}  // namespace
}  // namespace aemp::core
