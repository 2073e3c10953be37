// The life of coroutines in ports: how they begin and end, what they wait for, and what is left when they are destroyed
// while they wait (include/aemp/task.hpp, wait.hpp, together.hpp).
#include <memory>
#include <stdexcept>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class coroutines : public testing::Test {
 protected:
  // What dies says so: "name." when its frame is destroyed.
  struct witness {
    coroutines* of;
    std::string name;
    witness(coroutines& c, std::string n) : of(&c), name(std::move(n)) {}
    witness(const witness&) = delete;
    witness& operator=(const witness&) = delete;
    ~witness() { of->d(name + "."); }
  };

  void note_end_of(const port_id& p) {
    w.me.mon(p, [this](const message& reason) { d(reason.empty() ? "-" : reason.to_json()); });
  }
  port_id doubler() {
    return w.me.port("double", [](int n, port_id reply_to) { snd(reply_to, 2 * n); });
  }

  world w;
  diary d;
};

TEST_F(coroutines, a_port_lives_as_long_as_its_coroutine) {
  const port_id p = w.me.spawn(
      [this](int n) -> task<> {
        d("begins " + std::to_string(n));
        co_await sleep_for(1s);
        d(self().str().empty() ? "nowhere" : "ends");
      },
      7);
  note_end_of(p);
  w.settle();
  EXPECT_EQ(d.take(), "begins 7");
  w.pass(1s);
  EXPECT_EQ(d.text(), "ends -");
}

TEST_F(coroutines, one_that_never_waits_ends_its_port_at_once) {
  note_end_of(w.me.spawn([this]() -> task<> {
    d("ran");
    co_return;
  }));
  w.settle();
  EXPECT_EQ(d.text(), "ran -");
}

TEST_F(coroutines, an_exception_ends_the_port) {
  note_end_of(w.me.spawn([]() -> task<> {
    co_await sleep_for(1ms);
    throw std::runtime_error("broken");
  }));
  w.pass(1s);
  EXPECT_EQ(d.text(), R"(["die","broken"])");
}

TEST_F(coroutines, a_failure_ends_the_port_with_its_reason_and_so_does_one_in_a_handler) {
  note_end_of(w.me.spawn([]() -> task<> {
    co_await sleep_for(1ms);
    throw failure(message("why", 1));
  }));
  const port_id plain = w.me.port("go", [] { throw failure(message("because", 2)); });
  note_end_of(plain);
  w.me.snd(plain, "go");
  w.pass(1s);
  EXPECT_EQ(d.text(), R"(["because",2] ["why",1])");
}

TEST_F(coroutines, what_a_lambda_captured_lives_as_long_as_it) {
  auto shared = std::make_shared<int>(5);
  const std::weak_ptr<int> watch = shared;
  w.me.spawn([this, shared = std::move(shared)]() -> task<> {
    co_await sleep_for(1s);
    d(std::to_string(*shared));
  });
  w.settle();
  EXPECT_FALSE(watch.expired());
  w.pass(1s);
  EXPECT_EQ(d.text(), "5");
  EXPECT_TRUE(watch.expired());
}

TEST_F(coroutines, a_handler_may_be_one_and_ends_with_its_port) {
  const port_id p = w.me.port("slow", [this](std::string name, int ms) -> task<> {
    const witness here(*this, name);
    co_await sleep_for(std::chrono::milliseconds(ms));
    d(name);
  });
  w.me.snd(p, "slow", "a", 20);
  w.me.snd(p, "slow", "b", 10);
  w.me.snd(p, "slow", "c", 100);
  w.pass(50ms);
  EXPECT_EQ(d.take(), "b b. a a.");
  w.me.kil(p);
  w.pass(1s);
  EXPECT_EQ(d.text(), "c.");
}

TEST_F(coroutines, a_call_gives_its_reply) {
  const port_id server = doubler();
  w.me.spawn(
      [this](port_id to) -> task<> {
        d(std::to_string(co_await cal(to, "double", 21).as<int>()));
        const message whole = co_await cal(to, "double", 1);
        d(whole.to_json());
      },
      server);
  w.settle();
  EXPECT_EQ(d.text(), "42 [2]");
}

TEST_F(coroutines, a_call_that_fails_throws_and_ends_the_port_if_nobody_catches_it) {
  const port_id mute = w.me.port("?", [] {});
  const port_id talker = w.me.port("?", [](port_id to) { snd(to, "text"); });
  w.me.spawn(
      [this](port_id dumb, port_id wrong) -> task<> {
        try {
          co_await cal(dumb, "?").within(20ms);
        } catch (const failure& f) {
          d(f.reason());
        }
        try {
          (void)co_await cal(wrong, "?").as<int>();
        } catch (const failure& f) {
          d(f.reason());
        }
      },
      mute, talker);
  note_end_of(w.me.spawn([](port_id dead) -> task<> { co_await cal(dead, "?"); },
                         port_id(*port_id::parse("here#none"))));
  w.pass(1s);
  EXPECT_EQ(d.take(), R"(["no_such_port","cannot monitor nonexistent port","here#none"] timeout bad_reply)");
}

TEST_F(coroutines, the_death_of_a_port_is_awaited) {
  const port_id p = w.me.port();
  w.me.spawn([this](port_id of) -> task<> { d((co_await death_of(of)).to_json()); }, p);
  w.settle();
  w.me.kil(p, "why", 3);
  w.settle();
  EXPECT_EQ(d.text(), R"(["why",3])");
}

task<int> depth(int n) {
  if (n == 0) {
    co_await sleep_for(1ms);
    co_return 0;
  }
  co_return 1 + co_await depth(n - 1);
}

TEST_F(coroutines, tasks_are_nested_and_give_values) {
  w.me.spawn([this]() -> task<> { d(std::to_string(co_await depth(100))); });
  w.pass(1s);
  EXPECT_EQ(d.text(), "100");
}

task<std::unique_ptr<int>> fails_or_gives(bool fails) {
  co_await sleep_for(1ms);
  if (fails) throw std::runtime_error("inner");
  co_return std::make_unique<int>(3);
}

TEST_F(coroutines, what_a_task_throws_comes_out_where_it_is_awaited) {
  w.me.spawn([this]() -> task<> {
    try {
      (void)co_await fails_or_gives(true);
    } catch (const std::runtime_error& e) {
      d(e.what());
    }
    d(std::to_string(*co_await fails_or_gives(false)));
  });
  w.pass(1s);
  EXPECT_EQ(d.text(), "inner 3");
}

TEST_F(coroutines, all_waits_for_each_and_keeps_their_places) {
  const port_id server = doubler();
  w.me.spawn(
      [this](port_id to) -> task<> {
        auto [a, nothing, b] =
            co_await all(cal(to, "double", 1).as<int>(), sleep_for(5ms), cal(to, "double", 2).as<int>());
        (void)nothing;
        d(std::to_string(a) + std::to_string(b));
      },
      server);
  w.pass(4ms);
  EXPECT_EQ(d.text(), "");
  w.pass(1ms);
  EXPECT_EQ(d.text(), "24");
}

TEST_F(coroutines, all_fails_with_the_first_failure_and_cancels_the_others) {
  const port_id mute = w.me.port("?", [] {});
  w.me.spawn(
      [this](port_id to) -> task<> {
        try {
          co_await all(cal(to, "?").within(10s), fails_or_gives(true), sleep_for(1h));
        } catch (const std::runtime_error& e) {
          d(e.what());
        }
      },
      mute);
  w.pass(2ms);
  EXPECT_EQ(d.text(), "inner");
  EXPECT_FALSE(w.worker_at().next_deadline().has_value()) << "the timers are gone";
}

TEST_F(coroutines, any_takes_the_first_and_leaves_nothing_of_the_others) {
  const port_id mute = w.me.port("?", [] {});
  w.settle();
  const std::size_t before = w.worker_at().ports().size();
  w.me.spawn(
      [this](port_id to) -> task<> {
        auto won = co_await any(cal(to, "?"), sleep_for(5ms), receive<int>("never"));
        d(std::to_string(won.index()));
        auto again = co_await any(receive<int>("now"), sleep_for(1h));
        d(std::to_string(std::get<0>(again)));
        co_await sleep_for(1h);
      },
      mute);
  w.pass(5ms);
  EXPECT_EQ(d.take(), "1");
  EXPECT_EQ(before + 1, w.worker_at().ports().size()) << "the reply port is gone";
}

TEST_F(coroutines, any_sends_no_call_that_has_not_begun) {
  const port_id shop = w.me.port("buy", [this](port_id) { d("bought"); });
  w.me.spawn(
      [this](port_id to) -> task<> {
        snd(self(), "stop");
        co_await sleep_for(1ms);
        auto first = co_await any(receive("stop"), cal(to, "buy"), cal(to, "buy").as<int>());
        d(std::to_string(first.index()));
      },
      shop);
  w.pass(10ms);
  EXPECT_EQ(d.text(), "0");
}

TEST_F(coroutines, a_call_is_awaited_where_it_was_made) {
  world two(2);
  const port_id server = two.on(0, [] { return port("q", [](port_id to) { snd(to, 1); }); });
  auto made = std::make_shared<std::optional<call>>();
  two.on(0, [&] { made->emplace(cal(server, "q")); });
  two.me.spawn(on_worker(1), [this, made]() -> task<> {
    try {
      co_await std::move(**made);
    } catch (const std::logic_error&) {
      d("refused");
    }
  });
  two.settle();
  EXPECT_EQ(d.text(), "refused");
}

TEST_F(coroutines, a_call_to_a_port_that_ends_without_a_reply_fails_with_a_name) {
  const port_id server = w.me.port("q", [](port_id) { kil(self()); });
  note_end_of(w.me.spawn([](port_id to) -> task<> { (void)co_await cal(to, "q").as<int>(); }, server));
  w.settle();
  EXPECT_EQ(d.text(), R"(["no_reply","the port ended without a reply"])");
}

TEST_F(coroutines, a_task_that_was_awaited_cannot_be_awaited_again) {
  w.me.spawn([this]() -> task<> {
    auto t = depth(0);
    d(std::to_string(co_await std::move(t)));
    try {
      (void)co_await std::move(t);
    } catch (const std::logic_error&) {
      d("refused");
    }
  });
  w.pass(1s);
  EXPECT_EQ(d.text(), "0 refused");
}

TEST_F(coroutines, any_of_what_is_there_already_waits_for_nothing) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await sleep_for(1ms);
    auto won = co_await any(receive<int>("a"), receive<int>("b"), sleep_for(1h));
    d(std::to_string(won.index()) + std::to_string(std::get<1>(won)));
  });
  w.me.snd(p, "b", 4);
  w.pass(1ms);
  EXPECT_EQ(d.text(), "14");
  EXPECT_FALSE(w.worker_at().next_deadline().has_value());
}

// A coroutine that waits in every way there is, one after the other, each in a task of its own; `steps` tells how far it
// has come.
task<> wait_in_all_ways(int& steps, port_id mute) {
  const auto step = [&steps](auto awaited) -> task<> {
    ++steps;
    co_await std::move(awaited);
  };
  co_await step(sleep_for(1ms));
  co_await step(receive("go"));
  co_await step(receive(on("go", [] {}), on(otherwise, [](const message&) {})));
  co_await step(receive("go").within(1h));
  co_await step(cal(mute, "?").within(1h).as<int>());
}

TEST_F(coroutines, can_be_killed_wherever_they_wait_and_leave_nothing_behind) {
  const port_id mute = w.me.port("?", [] {});
  w.settle();
  const std::size_t before = w.worker_at().ports().size();
  for (int last = 1; last <= 5; ++last) {
    int steps = 0;
    const port_id p = w.me.spawn(
        [&steps, this](port_id to) -> task<> {
          const witness outer(*this, "outer");
          co_await any(wait_in_all_ways(steps, to), all(sleep_for(1h), cal(to, "?"), receive("never")));
        },
        mute);
    for (int i = 0; steps < last; ++i) {
      ASSERT_LT(i, 100);
      w.pass(1ms);
      if (steps >= 2 && steps < last) w.me.snd(p, "go");
    }
    EXPECT_EQ(d.take(), "");
    w.me.kil(p, "enough");
    w.settle();
    EXPECT_EQ(d.take(), "outer.") << last;
    EXPECT_EQ(before, w.worker_at().ports().size()) << last;
    EXPECT_FALSE(w.worker_at().next_deadline().has_value()) << last;
  }
}

TEST_F(coroutines, are_destroyed_from_the_inside_out_and_their_destructors_may_send) {
  const port_id heir = w.me.port("left", [this](const std::string& what) { d("got:" + what); });
  struct will {
    port_id to;
    std::string what;
    will(port_id p, std::string s) : to(std::move(p)), what(std::move(s)) {}
    will(const will&) = delete;
    will& operator=(const will&) = delete;
    ~will() { snd(to, "left", what); }
  };
  struct inner {
    static task<> run(port_id to) {
      const will here(to, "inner");
      co_await sleep_for(1h);
    }
  };
  const port_id p = w.me.spawn(
      [](port_id to) -> task<> {
        const will here(to, "outer");
        co_await inner::run(to);
      },
      heir);
  w.settle();
  w.me.kil(p);
  w.settle();
  EXPECT_EQ(d.text(), "got:inner got:outer");
}

TEST_F(coroutines, one_whose_port_ends_while_it_runs_goes_on_to_where_it_waits_next) {
  const port_id other = w.me.port();
  const port_id p = w.me.spawn(
      [this](port_id via) -> task<> {
        const witness here(*this, "frame");
        const port_id me = self();
        peval(via, [me] { peval(me, [] { throw std::runtime_error("from outside"); }); });
        d("still here");
        co_await sleep_for(1s);
        d("never");
      },
      other);
  note_end_of(p);
  w.pass(2s);
  EXPECT_EQ(d.text(), R"(still here frame. ["die","from outside"])");
}

TEST_F(coroutines, end_with_their_node) {
  w.me.spawn([this]() -> task<> {
    const witness here(*this, "frame");
    co_await all(sleep_for(1h), receive("never"));
  });
  w.settle();
  w.destroy();
  EXPECT_EQ(d.text(), "frame.");
}

}  // namespace
}  // namespace aemp::core
