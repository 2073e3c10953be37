#include "core/timer_queue.hpp"

#include <rapidcheck.h>

#include <set>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

using detail::owned;

owned* new_timer(world& w, int due) {
  auto* t = new owned(owned::kind::timer, w.core(), 0, 0, detail::handler_of([] {}));
  t->due = time_point(std::chrono::seconds(due));
  return t;
}

TEST(timers, come_in_order_of_their_time_and_then_of_their_age) {
  world w;
  timer_queue queue;
  std::vector<owned*> made;
  for (int due : {5, 3, 5, 1, 3, 5}) {
    made.push_back(new_timer(w, due));
    queue.add(*made.back());
  }
  EXPECT_EQ(queue.next(), time_point(1s));
  EXPECT_EQ(queue.pop_due(time_point(0s)), nullptr);
  for (std::size_t i : {3, 1, 4, 0, 2, 5}) {
    owned* t = queue.pop_due(time_point(5s));
    EXPECT_EQ(t, made[i]);
    detail::release(t);
  }
  EXPECT_EQ(queue.next(), std::nullopt);
  for (owned* t : made) detail::release(t);
}

TEST(timers, that_are_removed_do_not_come) {
  world w;
  timer_queue queue;
  owned* a = new_timer(w, 1);
  owned* b = new_timer(w, 2);
  queue.add(*a);
  queue.add(*b);
  queue.remove(*a);
  queue.remove(*a);
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.next(), time_point(2s));
  detail::release(a);
  detail::release(b);
}

// Thousands of random operations, next to a sorted set that does the same in the simplest way.
TEST(timers, behave_like_a_sorted_set) {
  EXPECT_TRUE(rc::check([] {
    world w;
    timer_queue queue;
    std::set<std::pair<std::pair<time_point, int>, owned*>> model;
    int age = 0;
    const auto steps = *rc::gen::container<std::vector<int>>(400, rc::gen::inRange(0, 1000));
    for (int step : steps) {
      const int argument = step / 4;
      if (step % 4 < 2) {
        owned* t = new_timer(w, argument % 50);
        queue.add(*t);
        model.insert({{t->due, age++}, t});
      } else if (step % 4 == 2 && !model.empty()) {
        auto victim = model.begin();
        std::advance(victim, static_cast<std::size_t>(argument) % model.size());
        queue.remove(*victim->second);
        detail::release(victim->second);
        model.erase(victim);
      } else if (step % 4 == 3) {
        owned* t = queue.pop_due(time_point(std::chrono::seconds(argument % 20)));
        const bool due =
            !model.empty() && model.begin()->first.first <= time_point(std::chrono::seconds(argument % 20));
        RC_ASSERT((t != nullptr) == due);
        if (t != nullptr) {
          RC_ASSERT((t == model.begin()->second));
          model.erase(model.begin());
          detail::release(t);
          detail::release(t);
        }
      }
      RC_ASSERT(queue.size() == model.size());
      RC_ASSERT((queue.next().has_value() == !model.empty()));
      if (!model.empty()) RC_ASSERT((*queue.next() == model.begin()->first.first));
    }
    for (auto& [key, t] : model) detail::release(t);
  }));
}

TEST(after, happens_once_at_its_time_and_not_before) {
  world w;
  int times = 0;
  w.me.after(10s, [&] { ++times; });
  w.pass(9s);
  EXPECT_EQ(times, 0);
  w.pass(1s);
  EXPECT_EQ(times, 1);
  w.pass(100s);
  EXPECT_EQ(times, 1);
}

TEST(after, sends_a_message) {
  world w;
  diary d;
  const port_id p = w.me.port("late", [&](int n) { d(std::to_string(n)); });
  w.me.after(1s, p, "late", 5);
  w.pass(1s);
  EXPECT_EQ(d.text(), "5");
}

TEST(after, without_delay_waits_for_the_next_turn) {
  world w;
  diary d;
  w.inside([&] {
    w.me.after(0s, [&] { d("timer"); });
    d("caller");
  });
  w.settle();
  EXPECT_EQ(d.text(), "caller timer");
}

TEST(after, a_timer_that_starts_itself_anew_does_not_hold_up_messages) {
  world w;
  int timers = 0, messages = 0;
  port_id p = w.me.port("m", [&] {
    if (++messages < 100) snd(self(), "m");
  });
  std::function<void()> again = [&] {
    if (++timers < 10000 && messages < 100) after(0s, again);
  };
  w.inside([&] { after(0s, again); });
  w.me.snd(p, "m");
  w.settle();
  EXPECT_EQ(messages, 100);
  EXPECT_LT(timers, 1000);
}

TEST(after, can_be_cancelled_also_by_another_timer_that_is_due) {
  world w;
  diary d;
  aemp::timer second;
  w.inside([&] {
    after(1s, [&] {
      d("first");
      second.cancel();
    });
    second = after(1s, [&] { d("second"); });
    after(1s, [&] { d("third"); });
  });
  w.pass(2s);
  EXPECT_EQ(d.text(), "first third");
}

TEST(after, cancelled_before_the_worker_heard_of_it_never_happens) {
  world w;
  int times = 0;
  aemp::timer t = w.me.after(1s, [&] { ++times; });
  t.cancel();
  t.cancel();
  w.pass(2s);
  EXPECT_EQ(times, 0);
  EXPECT_EQ(w.worker_at().next_deadline(), std::nullopt);
}

TEST(after, ends_with_its_port) {
  world w;
  diary d;
  const auto captured = std::make_shared<int>(0);
  const port_id p = w.me.port("go", [&d, captured] {
    after(1s, [&d, captured] { d("never"); });
    every(1s, [&d, captured] { d("tick"); });
  });
  w.me.snd(p, "go");
  w.pass(1500ms);
  EXPECT_EQ(d.take(), "never tick");
  w.me.snd(p, "go");
  w.me.kil(p);
  w.pass(10s);
  EXPECT_EQ(d.text(), "");
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(w.worker_at().next_deadline(), std::nullopt);
}

TEST(after, an_exception_kills_the_port_it_belongs_to) {
  world w;
  log_capture log;
  message reason;
  const port_id p = w.me.port("go", [] { after(1s, [] { throw std::runtime_error("too late"); }); });
  w.me.mon(p, [&](const message& m) { reason = m; });
  w.me.snd(p, "go");
  w.pass(1s);
  EXPECT_EQ(reason, message("die", "too late"));
  w.me.after(1s, [] { throw std::runtime_error("nobody's"); });
  w.pass(1s);
  EXPECT_EQ(log.at(1, "nobody's").size(), 1u);
}

TEST(every, comes_at_each_interval_until_it_is_cancelled) {
  world w;
  int times = 0;
  aemp::timer t = w.me.every(2s, [&] { ++times; });
  w.pass(7s);
  EXPECT_EQ(times, 3);
  t.cancel();
  w.pass(7s);
  EXPECT_EQ(times, 3);
  EXPECT_EQ(w.worker_at().next_deadline(), std::nullopt);
}

TEST(every, may_cancel_itself_or_be_done) {
  world w;
  int a = 0, b = 0;
  aemp::timer t;
  w.inside([&] {
    t = every(1s, [&] {
      if (++a == 2) t.cancel();
    });
    every(1s, [&] { return ++b == 3 ? done : keep; });
  });
  w.pass(10s);
  EXPECT_EQ(a, 2);
  EXPECT_EQ(b, 3);
}

TEST(every, that_is_late_comes_once_and_then_in_its_old_rhythm) {
  world w;
  int a = 0, b = 0;
  w.inside([&] {
    every(10s, [&] { ++a; });
    every(10s, [&] { ++b; });
  });
  w.oversleep(35s);
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
  w.pass(4s);
  EXPECT_EQ(a, 1);
  w.pass(1s);
  EXPECT_EQ(a, 2);
  EXPECT_EQ(b, 2);
}

TEST(every, refuses_an_interval_that_is_not_above_zero) {
  world w;
  EXPECT_THROW(w.me.every(0s, [] {}), std::invalid_argument);
  EXPECT_THROW(w.me.every(-1s, [] {}), std::invalid_argument);
}

TEST(library_timer, starts_anew_and_ends_with_its_object) {
  world w;
  diary d;
  {
    own_timer unused;
    EXPECT_FALSE(unused.running());
    own_timer t;
    t.start(w.worker_at(), 1s, [&] { d("first"); });
    t.start(w.worker_at(), 2s, [&] { d("second"); });
    EXPECT_TRUE(t.running());
    w.pass(3s);
    EXPECT_FALSE(t.running());
    t.start(w.worker_at(), 1s, [&] { d("third"); });
  }
  w.pass(3s);
  EXPECT_EQ(d.text(), "second");
}

}  // namespace
}  // namespace aemp::core
