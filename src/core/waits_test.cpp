// What coroutines wait for beyond messages and replies: ports that are up, groups and families that change, and as many
// things at once as there are at run time (include/aemp/wait.hpp, together.hpp, view.hpp).
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class waits : public testing::Test {
 protected:
  port_id doubler() {
    return w.me.port("double", [](int n, port_id reply_to) { snd(reply_to, 2 * n); });
  }
  template <class F>
  void run(F f) {
    w.me.spawn(std::move(f));
    w.pass(10s);
  }
  static std::string list_of(const std::vector<int>& numbers) {
    std::string all;
    for (const int n : numbers) all += std::to_string(n) + ",";
    return all;
  }

  world w;
  group_functions me{w.core()};
  diary d;
};

task<int> later(int n, std::chrono::milliseconds when) {
  co_await sleep_for(when);
  co_return n;
}
task<int> fails() {
  co_await sleep_for(20ms);
  throw failure(message("broken"));
}

TEST_F(waits, for_all_of_a_list_in_its_order) {
  run([this]() -> task<> {
    std::vector<task<int>> list;
    for (int i = 0; i < 5; ++i) list.push_back(later(i, 10ms * (5 - i)));
    d(list_of(co_await all(std::move(list))));
    d(list_of(co_await all(std::vector<task<int>>())));
  });
  EXPECT_EQ(d.text(), "0,1,2,3,4, ");
}

TEST_F(waits, for_all_calls_of_a_list) {
  const port_id p = doubler();
  run([this, p]() -> task<> {
    std::vector<call> list;
    for (int i = 0; i < 3; ++i) list.push_back(cal(p, "double", i));
    for (const message& m : co_await all(std::move(list))) d(m.to_json());
  });
  EXPECT_EQ(d.text(), "[0] [2] [4]");
}

TEST_F(waits, for_a_list_fail_with_its_first_failure_and_cancel_the_rest) {
  run([this]() -> task<> {
    std::vector<task<int>> list;
    list.push_back(later(1, 10ms));
    list.push_back(fails());
    list.push_back(later(2, 1h));
    try {
      (void)co_await all(std::move(list));
    } catch (const failure& f) {
      d(f.reason());
    }
  });
  EXPECT_EQ(d.text(), "broken");
  EXPECT_EQ(w.worker_at().timers().size(), 0u);
}

TEST_F(waits, for_the_first_of_a_list) {
  run([this]() -> task<> {
    std::vector<task<int>> list;
    for (int i = 0; i < 5; ++i) list.push_back(later(10 * i, i == 3 ? 1ms : 1h));
    const auto [which, what] = co_await any(std::move(list));
    d(std::to_string(which) + ":" + std::to_string(what));
    try {
      (void)co_await any(std::vector<task<int>>());
    } catch (const std::invalid_argument& e) {
      d(e.what());
    }
  });
  EXPECT_EQ(d.text(), "3:30 any: there is nothing to wait for");
  EXPECT_EQ(w.worker_at().timers().size(), 0u);
}

TEST_F(waits, for_lists_can_be_killed) {
  const port_id p = w.me.spawn([]() -> task<> {
    std::vector<task<int>> list;
    for (int i = 0; i < 5; ++i) list.push_back(later(i, 1h));
    (void)co_await all(std::move(list));
  });
  w.settle();
  EXPECT_EQ(w.worker_at().timers().size(), 5u);
  w.me.kil(p);
  w.settle();
  EXPECT_EQ(w.worker_at().timers().size(), 0u);
}

TEST_F(waits, for_a_port_to_be_up) {
  w.me.define("counter", [this](int n) {
    d("begins " + std::to_string(n));
    rcv(self(), "get", [n](const port_id& reply_to) { snd(reply_to, n); });
  });
  run([this]() -> task<> {
    const port_id counter = co_await up(spawn("here", "counter", 7));
    d("up " + std::to_string(co_await cal(counter, "get").as<int>()));
    try {
      co_await up(spawn("here", "nothing of that name"));
    } catch (const failure& f) {
      d(f.reason());
    }
    try {
      co_await up(spawn([] { throw std::runtime_error("no"); }));
    } catch (const failure& f) {
      d(f.reason());
    }
  });
  EXPECT_EQ(d.text(), "begins 7 up 7 no_such_function die");
}

TEST_F(waits, for_a_group_to_change) {
  const port_id a = w.me.port("x", [] {}), b = w.me.port("x", [] {});
  w.me.spawn([this]() -> task<> {
    group_view printers("printers");
    for (;;) d(std::to_string((co_await printers.next()).size()));
  });
  w.pass(10s);
  EXPECT_EQ(d.text(), "") << "an empty group";
  me.grp_reg("printers", a);
  w.pass(1s);
  EXPECT_EQ(d.take(), "1");
  me.grp_reg("printers", b);
  w.pass(1s);
  w.me.kil(a);
  w.me.kil(b);
  w.pass(1s);
  EXPECT_TRUE(d.text() == "2 0" || d.text() == "2 1 0") << d.text();
}

TEST_F(waits, for_a_family_miss_no_change_and_can_be_one_of_several) {
  const port_id reader = w.me.spawn([this]() -> task<> {
    family_view prices("prices");
    d(value(co_await prices.next()).to_json());
    co_await sleep_for(10s);
    d(value(co_await prices.next()).to_json());
    const auto first = co_await any(prices.next(), receive("stop"));
    d(std::to_string(first.index()));
    d(value(co_await prices.next()).to_json());
  });
  w.pass(6s);
  EXPECT_EQ(d.take(), "{}");
  me.db_set("prices", "apples", 1);
  w.pass(1s);
  me.db_set("prices", "pears", 2);
  w.pass(10s);
  EXPECT_EQ(d.take(), R"({"apples":1,"pears":2})") << "two changes at once";
  w.pass(1s);
  EXPECT_EQ(d.take(), "");
  w.me.snd(reader, "stop");
  w.settle();
  EXPECT_EQ(d.take(), "1") << "the other operand; the view goes on";
  me.db_del("prices", "pears");
  w.pass(1s);
  EXPECT_EQ(d.text(), R"({"apples":1})");
}

TEST_F(waits, for_one_view_belong_to_one_coroutine_at_a_time) {
  run([this]() -> task<> {
    family_view prices("prices");
    (void)co_await prices.next();
    try {
      co_await all(prices.next(), prices.next());
    } catch (const std::logic_error& e) {
      d(e.what());
    }
  });
  EXPECT_EQ(d.text(), "two coroutines wait for the same thing at once: only one can have it");
}

TEST_F(waits, for_a_view_end_with_their_port) {
  const port_id p = w.me.spawn([]() -> task<> {
    group_view printers("printers");
    for (;;) (void)co_await printers.next();
  });
  w.pass(10s);
  w.me.kil(p);
  w.settle();
  me.grp_reg("printers", w.me.port("x", [] {}));
  w.pass(1s);
}

}  // namespace
}  // namespace aemp::core
