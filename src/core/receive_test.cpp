// What a receive takes, in which order, and what it leaves (include/aemp/receive.hpp).
#include <memory>
#include <stdexcept>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class receiving : public testing::Test {
 protected:
  world w;
  diary d;
};

TEST_F(receiving, takes_what_it_asks_for_and_leaves_the_rest_in_order) {
  const port_id p = w.me.spawn([this]() -> task<> {
    d(co_await receive<std::string>("name"));
    auto [n, what] = co_await receive<int, std::string>("add");
    d(std::to_string(n) + what);
    auto [m, that] = co_await receive<int, std::string>("add");
    d(std::to_string(m) + that);
    co_await receive("close");
    d("closed");
  });
  w.me.snd(p, "add", 1, "a");
  w.me.snd(p, "close");
  w.me.snd(p, "add", 2, "b");
  w.settle();
  EXPECT_EQ(d.take(), "");
  w.me.snd(p, "name", "x");
  w.settle();
  EXPECT_EQ(d.text(), "x 1a 2b closed");
}

TEST_F(receiving, of_several_takes_the_oldest_message_and_its_first_choice) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("go");
    for (int i = 0; i < 4; ++i) {
      co_await receive(on("a", [this](int n) { d("a" + std::to_string(n)); }),
                       on("b", [this](int n) { d("b" + std::to_string(n)); }));
    }
    co_await receive(on(match("c", 2), [this](const std::string&, int) { d("two"); }),
                     on(otherwise, [this](const message& m) { d(m.to_json()); }));
  });
  w.me.snd(p, "b", 1);
  w.me.snd(p, "a", 2);
  w.me.snd(p, "c", 3);
  w.me.snd(p, "a", 4);
  w.me.snd(p, "b", 5);
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), R"(b1 a2 a4 b5 ["c",3])");
}

TEST_F(receiving, takes_only_what_converts) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("go");
    d(std::to_string(co_await receive<int>("n")));
    d(std::to_string(co_await receive<int>("n")));
    d(co_await receive<std::string>("n"));
  });
  w.me.snd(p, "n", "no number");
  w.me.snd(p, "n", 1);
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.take(), "1");
  w.me.snd(p, "n", value::array{});
  w.me.snd(p, "n", 2);
  w.settle();
  EXPECT_EQ(d.text(), "2 no number");
}

TEST_F(receiving, moves_what_cannot_be_copied_whether_it_waited_or_not) {
  const port_id p = w.me.spawn([this]() -> task<> {
    d(std::to_string(*co_await receive<std::unique_ptr<int>>("p")));
    co_await receive("go");
    d(std::to_string(*co_await receive<std::unique_ptr<int>>("p")));
  });
  w.settle();
  w.me.snd(p, "p", std::make_unique<int>(1));
  w.me.snd(p, "p", std::make_unique<int>(2));
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "1 2");
}

TEST_F(receiving, can_be_awaited_again) {
  const port_id p = w.me.spawn([this]() -> task<> {
    auto next = receive<int>("n").within(10ms);
    for (int i = 0; i < 4; ++i) {
      try {
        d(std::to_string(co_await next));
      } catch (const failure& f) {
        d(f.reason());
      }
    }
  });
  w.me.snd(p, "n", 1);
  w.me.snd(p, "n", 2);
  w.pass(15ms);
  w.me.snd(p, "n", 3);
  w.pass(15ms);
  EXPECT_EQ(d.text(), "1 2 timeout 3");
}

TEST_F(receiving, tells_long_tags_apart) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("a tag of more than seven bytes");
    d("long");
    co_await receive(on("another long tag", [this] { d("other"); }));
  });
  w.me.snd(p, "another long tag");
  w.me.snd(p, "a tag of more than seven bytes");
  w.settle();
  EXPECT_EQ(d.text(), "long other");
}

TEST_F(receiving, ends_with_a_timeout) {
  const port_id p = w.me.spawn([this]() -> task<> {
    for (const auto limit : {0ms, 20ms}) {
      try {
        co_await receive("x").within(limit);
        d("got");
      } catch (const failure& f) {
        d(f.reason());
      }
    }
    co_await receive("x").within(1s);
    d("got");
    co_await sleep_for(10s);
  });
  w.settle();
  EXPECT_EQ(d.take(), "timeout");
  w.pass(20ms);
  EXPECT_EQ(d.take(), "timeout");
  w.me.snd(p, "x");
  w.pass(5s);
  EXPECT_EQ(d.text(), "got");
}

TEST_F(receiving, a_limit_of_zero_takes_what_is_there) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("go");
    d(std::to_string(co_await receive<int>("n").within(0s)));
  });
  w.me.snd(p, "n", 3);
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "3");
}

TEST_F(receiving, throws_what_the_function_throws) {
  const port_id p = w.me.spawn([this]() -> task<> {
    try {
      co_await receive(on("x", [] { throw std::runtime_error("thrown"); }));
    } catch (const std::runtime_error& e) {
      d(e.what());
    }
    co_await receive(on("x", [] { throw std::runtime_error("again"); }));
  });
  w.me.mon(p, [this](const message& reason) { d(reason.to_json()); });
  w.me.snd(p, "x");
  w.me.snd(p, "x");
  w.settle();
  EXPECT_EQ(d.text(), R"(thrown ["die","again"])");
}

TEST_F(receiving, handlers_come_first) {
  const port_id p = w.me.spawn([this]() -> task<> {
    rcv(self(), "handled", [this](int) { d("handler"); });
    co_await receive(on(otherwise, [this](const message& m) { d(m.to_json()); }));
    co_await receive(on(otherwise, [this](const message& m) { d(m.to_json()); }));
    co_await sleep_for(1h);
  });
  w.settle();
  w.me.snd(p, "handled", 1);
  w.me.snd(p, "handled", value::array{});
  w.me.snd(p, "other");
  w.settle();
  EXPECT_EQ(d.text(), R"(handler ["handled",[]] ["other"])");
}

TEST_F(receiving, in_a_handler_keeps_messages_only_while_it_runs) {
  const port_id p = w.me.port("begin", [this]() -> task<> {
    co_await receive("first");
    d("first");
    co_await receive("second");
    d("second");
  });
  w.me.snd(p, "second");  // nobody receives yet
  w.me.snd(p, "begin");
  w.me.snd(p, "second");
  w.me.snd(p, "third");
  w.settle();
  EXPECT_EQ(d.take(), "");
  w.me.snd(p, "first");
  w.settle();
  EXPECT_EQ(d.take(), "first second");
  w.me.snd(p, "begin");
  w.me.snd(p, "first");
  w.settle();
  EXPECT_EQ(d.take(), "first");
}

TEST_F(receiving, two_at_once_are_served_in_the_order_in_which_they_began_to_wait) {
  const port_id p = w.me.port(
      "begin", [this](std::string name) -> task<> { d(name + std::to_string(co_await receive<int>("n"))); });
  w.me.snd(p, "begin", "a");
  w.me.snd(p, "begin", "b");
  w.me.snd(p, "n", 1);
  w.me.snd(p, "n", 2);
  w.settle();
  EXPECT_EQ(d.text(), "a1 b2");
}

TEST_F(receiving, does_not_keep_the_worker_for_itself) {
  w.time().set_each_look(10ms);  // the turn is over as soon as somebody looks
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("go");
    const auto soon =
        std::chrono::steady_clock::now() + 3ms;  // the counter of the CPU is looked at before the clock
    while (std::chrono::steady_clock::now() < soon) continue;
    for (int i = 0; i < 100; ++i) co_await receive("x");
    d("done");
  });
  for (int i = 0; i < 100; ++i) w.me.snd(p, "x");
  w.me.snd(p, "go");
  w.me.snd(w.me.port("y", [this] { d("y"); }), "y");
  w.settle();
  EXPECT_EQ(d.text(), "y done");
}

// The turn is over as soon as somebody looks at the time, which happens when the counter of the CPU says so.
class receiving_in_short_turns : public receiving {
 protected:
  receiving_in_short_turns() { w.time().set_each_look(10ms); }
  static void work(std::chrono::microseconds d = 3ms) {
    const auto soon = std::chrono::steady_clock::now() + d;
    while (std::chrono::steady_clock::now() < soon) continue;
  }
};

TEST_F(receiving_in_short_turns, any_loses_nothing_when_a_receive_gives_way) {
  int a = 0, b = 0;
  const port_id p = w.me.spawn([&]() -> task<> {
    co_await receive("go");
    for (int i = 0; i < 200; ++i) {
      auto got = co_await any(receive<int>("a"), receive<int>("b"));
      (got.index() == 0 ? a : b) += 1;
      work(200us);
    }
    d("done");
  });
  for (int i = 0; i < 100; ++i) {
    w.me.snd(p, "a", i);
    w.me.snd(p, "b", i);
  }
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "done");
  EXPECT_EQ(a, 100);
  EXPECT_EQ(b, 100);
}

TEST_F(receiving_in_short_turns, others_have_their_turn_again_and_again) {
  int ticks = 0;
  const port_id p = w.me.spawn([&]() -> task<> {
    co_await receive("go");
    for (int i = 0; i < 60; ++i) {
      co_await receive("x");
      work();
    }
    d("done");
  });
  for (int i = 0; i < 60; ++i) w.me.snd(p, "x");
  w.me.snd(p, "go");
  w.inside([&] { every(1ms, [&] { ++ticks; }); });
  for (int i = 0; i < 1000 && d.text().empty(); ++i) w.worker_at().turn();
  EXPECT_EQ(d.text(), "done");
  EXPECT_GE(ticks, 20) << "each receive was slow enough for a turn";
}

TEST_F(receiving, goes_no_further_when_the_port_has_ended_under_it) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("go");
    co_await receive(on("a", [] { peval(self(), [] { throw std::runtime_error("from inside"); }); }));
    co_await receive("a");
    d("never");
  });
  w.me.mon(p, [this](const message& reason) { d(reason.to_json()); });
  w.me.snd(p, "a");
  w.me.snd(p, "a");
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), R"(["die","from inside"])");
}

TEST_F(receiving, keeps_nothing_for_coroutines_that_do_not_receive) {
  const port_id p = w.me.port(
      "tick", []() -> task<> { co_await sleep_for(1h); }, "one",
      [this](std::string name) -> task<> {
        co_await receive("x").within(1ms);
        d(name);
      });
  w.me.snd(p, "tick");
  w.me.snd(p, "one", "a");
  w.me.snd(p, "x");
  w.settle();
  EXPECT_EQ(d.take(), "a");
  w.me.snd(p, "x");  // nobody receives
  w.me.snd(p, "one", "b");
  w.pass(2ms);
  EXPECT_EQ(d.text(), "") << "b has got nothing, and ended with its port";
}

}  // namespace
}  // namespace aemp::core
