// Senders that ask for room (when_drained, drained, when_overloaded; core/intake.hpp): they never send too much, none of
// them starves, and none waits for a port that is gone.
#include <map>
#include <random>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class room_at_a_port : public testing::Test {
 protected:
  port_id sink(port_limits limits = {}) {
    const port_id p = w.me.port("n", [this](int n) { d(std::to_string(n)); });
    if (limits != port_limits{}) w.me.set_limits(p, limits);
    w.settle();
    return p;
  }
  // Another sender: asks once, and writes down what it is lent.
  void ask(const port_id& p, const std::string& name) {
    w.me.spawn([this, p, name]() -> task<> {
      d(name + std::to_string(co_await drained(p)));
      co_await receive("never");
    });
    w.settle();
  }

  world w;
  diary d;
};

TEST_F(room_at_a_port, is_lent_when_it_has_handled_what_was_sent_before) {
  const port_id p = sink({.messages = 100});
  const port_id sender = w.me.port("go", [&] {
    for (int n = 1; n <= 3; ++n) snd(p, "n", n);
    when_drained(p, [this](std::size_t n) { d("room" + std::to_string(n)); });
  });
  w.me.snd(sender, "go");
  w.settle();
  EXPECT_EQ(d.text(), "1 2 3 room3");
}

TEST_F(room_at_a_port, is_a_thousand_where_there_is_no_limit) {
  ask(sink(), "a");
  EXPECT_EQ(d.text(), "a31");
}

TEST_F(room_at_a_port, is_shared_by_those_who_ask) {
  const port_id p = sink({.messages = 3});
  for (const char* name : {"a", "b", "c", "d", "e"}) ask(p, name);
  EXPECT_EQ(d.take(), "a1 b1 c1");
  w.pass(1s);  // what was lent is void, as nobody used it
  EXPECT_EQ(d.text(), "d1 e1");
}

TEST_F(room_at_a_port, grows_for_who_comes_again) {
  const port_id p = sink({.messages = 64});
  const port_id sender =
      w.me.port("go", [&] { when_drained(p, [this](std::size_t n) { d(std::to_string(n)); }); });
  for (int i = 0; i < 7; ++i) {
    w.me.snd(sender, "go");
    w.settle();
  }
  EXPECT_EQ(d.text(), "2 4 8 16 32 32 32");
}

TEST_F(room_at_a_port, is_not_used_up_by_questions_that_were_taken_back) {
  const port_id p = w.me.spawn([]() -> task<> {
    set_limits(self(), {.messages = 8});
    for (;;) {
      co_await receive("next");
      (void)co_await receive<int>("n");
    }
  });
  w.settle();
  for (int n = 0; n < 8; ++n) w.me.snd(p, "n", n);
  w.settle();
  w.me.spawn([&]() -> task<> {
    for (int i = 0; i < 30; ++i) (void)co_await any(drained(p), sleep_for(20ms));
    w.inside([&] { peval(p, [] { set_limits(self(), {.messages = 16}); }); });
    d(std::to_string(co_await drained(p)));
  });
  w.pass(1s);
  EXPECT_NE(d.take(), "");
  ask(p, "b");
  EXPECT_EQ(d.text(), "b1");
}

TEST_F(room_at_a_port, is_had_soon_by_many_who_need_little) {
  const port_id p = sink({.messages = 1000});
  int done = 0;
  for (int i = 0; i < 300; ++i) {
    w.me.spawn([&]() -> task<> {
      (void)co_await drained(p);
      ++done;
    });
  }
  w.pass(12s);
  EXPECT_EQ(done, 300);
}

TEST_F(room_at_a_port, is_answered_after_any_number_of_questions_that_were_taken_back) {
  const port_id p = sink({.messages = 100});
  const port_id watcher = w.me.port("go", [&] {
    for (int i = 0; i < 70'000; ++i) when_overloaded(p, [] {}).cancel();
    when_drained(p, [this] { d("room"); });
    when_overloaded(p, [this] { d("overloaded"); });
  });
  w.me.snd(watcher, "go");
  w.settle();
  EXPECT_EQ(d.take(), "room");
  w.inside([&] {
    for (int n = 0; n < 101; ++n) snd(p, "n", 0);
  });
  w.settle();
  EXPECT_TRUE(d.text().ends_with(" overloaded"));
}

TEST_F(room_at_a_port, is_nothing_that_up_needs_or_takes) {
  const port_id p = w.me.spawn([]() -> task<> {
    set_limits(self(), {.messages = 1});
    co_await receive("never");
  });
  w.me.snd(p, "other");
  w.settle();
  w.me.spawn([&]() -> task<> {
    d((co_await up(p)) == p ? "up" : "another");
    const port_id q = port("n", [] {});
    set_limits(q, {.messages = 1});
    (void)co_await up(q);
    d(std::to_string(co_await drained(q).within(10ms)));
  });
  w.settle();
  EXPECT_EQ(d.text(), "up 1");
}

TEST_F(room_at_a_port, is_waited_for) {
  const port_id p = w.me.spawn([this]() -> task<> {
    set_limits(self(), {.messages = 4});
    for (;;) {
      co_await receive("next");
      d(std::to_string(co_await receive<int>("n")));
    }
  });
  w.settle();
  for (int n = 1; n <= 4; ++n) w.me.snd(p, "n", n);
  w.settle();
  ask(p, "a");
  EXPECT_EQ(d.take(), "");
  w.inside([&] {
    peval(p, [] { set_limits(self(), {.messages = 5}); });  // there is room now
  });
  w.settle();
  EXPECT_EQ(d.take(), "a1");
}

TEST_F(room_at_a_port, comes_back_when_a_coroutine_takes_its_mail) {
  const port_id p = w.me.spawn([]() -> task<> {
    co_await receive("go");
    for (;;) (void)co_await receive<int>("n");
  });
  w.settle();
  for (int n = 1; n <= 1000; ++n) w.me.snd(p, "n", n);
  w.settle();
  ask(p, "a");
  EXPECT_EQ(d.text(), "");
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "a31");  // when 31 had been taken
}

TEST_F(room_at_a_port, is_none_while_half_of_the_bytes_wait) {
  const port_id p = w.me.spawn([this]() -> task<> {
    set_limits(self(), {.bytes = 10'000});
    co_await receive("go");
    d(std::to_string((co_await receive<std::string>("text")).size()));
    co_await receive("never");
  });
  w.me.snd(p, "text", std::string(6000, 'x'));
  w.settle();
  ask(p, "a");
  EXPECT_EQ(d.text(), "");
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "6000 a1");
}

TEST_F(room_at_a_port, is_as_many_messages_as_the_bytes_allow) {
  int got = 0;
  const port_id p = w.me.port("text", [&](const std::string&) { ++got; });
  w.me.set_limits(p, {.bytes = 100'000, .when_full = when_full::drop_newest});
  w.me.spawn([&]() -> task<> {
    for (int sent = 0; sent < 1000;) {
      for (std::size_t n = co_await drained(p); n != 0 && sent < 1000; --n, ++sent)
        snd(p, "text", std::string(2000, 'x'));
    }
  });
  w.settle();
  EXPECT_EQ(got, 1000);
}

TEST_F(room_at_a_port, is_waited_for_no_longer_than_wanted) {
  const port_id p = w.me.spawn([]() -> task<> {
    set_limits(self(), {.messages = 1});
    co_await receive("never");
  });
  w.me.snd(p, "other");
  w.settle();
  w.me.spawn([&]() -> task<> {
    try {
      co_await drained(p).within(2s);
    } catch (const failure& f) {
      d(f.reason());
    }
  });
  w.pass(3s);
  EXPECT_EQ(d.text(), "timeout");
}

TEST_F(room_at_a_port, is_not_that_on_the_way_to_a_node) {
  EXPECT_THROW(w.me.when_drained(std::string("here#x"), [] {}), std::invalid_argument);
}

TEST_F(room_at_a_port, that_dies_is_no_call_that_failed) {
  const log_capture log;
  const port_id p = sink({.messages = 1});
  w.inside([&] { kil(p, "gone"); });
  const port_id asker = w.me.port("go", [&] {
    when_drained(p, [] {});
    when_overloaded(p, [] {});
  });
  w.me.snd(asker, "go");
  w.settle();
  EXPECT_TRUE(log.at(2, "call").empty());
}

TEST_F(room_at_a_port, fails_with_the_port) {
  const port_id p = sink({.messages = 1});
  w.inside([&] {
    snd(p, "n", 1);
    kil(p, "gone");
  });
  w.me.spawn([&]() -> task<> {
    try {
      co_await drained(p);
    } catch (const failure& f) {
      d(f.reason());
    }
  });
  w.settle();
  EXPECT_EQ(d.text(), "1 no_such_port");
}

TEST_F(room_at_a_port, fails_when_the_port_dies_before_there_is_any) {
  const port_id p = w.me.spawn([]() -> task<> {
    set_limits(self(), {.messages = 1});
    co_await receive("end");
  });
  w.me.snd(p, "other");
  w.settle();
  w.me.spawn([&]() -> task<> {
    try {
      co_await drained(p);
    } catch (const failure& f) {
      d("ended " + f.reason());
    }
  });
  w.settle();
  EXPECT_EQ(d.text(), "");
  w.me.kil(p, "enough");
  w.settle();
  EXPECT_EQ(d.text(), "ended enough");
}

TEST_F(room_at_a_port, is_not_waited_for_by_what_was_cancelled) {
  const port_id p = sink({.messages = 16});
  const port_id sender = w.me.port("go", [&] {
    monitor m = when_drained(p, [this](std::size_t) { d("room"); });
    m.cancel();
  });
  w.me.snd(sender, "go");
  w.settle();
  EXPECT_EQ(d.text(), "");
}

// Fifty senders on two workers, which send what they are lent and at times less, to ports that are slower than they.
TEST_F(room_at_a_port, is_never_exceeded_and_nobody_starves) {
  const log_capture log;
  world two(2);
  for (const std::size_t limit : {1u, 7u, 100u}) {
    int got = 0;
    const port_id p = two.me.port(on_worker(1), "n", [&](int) { ++got; });
    two.me.set_limits(p, {.messages = limit});
    std::map<int, int> done;
    for (int s = 0; s < 50; ++s) {
      two.me.spawn([&, s]() -> task<> {
        std::minstd_rand dice(static_cast<unsigned>(s));
        for (int sent = 0; sent < 40;) {
          for (std::size_t n = co_await drained(p); n != 0 && sent < 40; --n) {
            if (dice() % 8 == 0) break;
            snd(p, "n", s);
            ++sent;
          }
        }
        co_await drained(p);
        ++done[s];
      });
    }
    two.pass(600s);
    EXPECT_EQ(got, 50 * 40) << "limit " << limit;
    EXPECT_EQ(done.size(), 50u) << "limit " << limit;
  }
  EXPECT_TRUE(log.at(2, "refuses").empty());
}

TEST_F(room_at_a_port, can_be_asked_for_in_ports_only) {
  const auto text_of = [](auto&& f) {
    try {
      f();
    } catch (const std::logic_error& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  const port_id p = sink();
  EXPECT_NE(text_of([&] { w.me.when_drained(p, [] {}); }).find("when_drained"), std::string::npos);
  std::string of_node;
  const port_id asker =
      w.me.port("go", [&] { of_node = text_of([] { when_drained(*port_id::parse("here"), [] {}); }); });
  w.me.snd(asker, "go");
  w.settle();
  EXPECT_EQ(of_node, "when_drained: here is a node port: ask for its node, when_drained(node_of(port), f)");
}

TEST_F(room_at_a_port, that_has_none_tells_who_wants_to_know) {
  const port_id p = sink({.messages = 2});
  const port_id watcher = w.me.port("go", [&] {
    when_overloaded(p, [this](std::size_t dropped) { d("overloaded" + std::to_string(dropped)); });
  });
  w.me.snd(watcher, "go");
  w.settle();
  EXPECT_EQ(d.take(), "");
  for (int n = 1; n <= 5; ++n) w.me.snd(p, "n", n);
  w.settle();
  EXPECT_EQ(d.take(), "1 2 overloaded1");  // once
  w.me.snd(watcher, "go");
  w.settle();
  for (int n = 1; n <= 3; ++n) w.me.snd(p, "n", n);
  w.settle();
  EXPECT_EQ(d.text(), "1 2 overloaded4");
}

}  // namespace
}  // namespace aemp::core
