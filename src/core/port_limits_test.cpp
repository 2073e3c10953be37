// Mailboxes that are bounded (include/aemp/port_limits.hpp): what is dropped, what is kept, and who hears of it.
#include <memory>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class limits_of_a_port : public testing::Test {
 protected:
  // Writes down the number of each "n" that its handler gets.
  port_id limited(port_limits limits) {
    const port_id p = w.me.port("n", [this](int n) { d(std::to_string(n)); });
    w.me.set_limits(p, limits);
    w.settle();
    return p;
  }
  void send(const port_id& p, int from, int to) {
    for (int n = from; n <= to; ++n) w.me.snd(p, "n", n);
  }

  world w;
  diary d;
};

TEST_F(limits_of_a_port, refuse_what_is_too_much_and_say_so) {
  const log_capture log;
  const port_id p = limited({.messages = 3});
  send(p, 1, 10);
  w.settle();
  EXPECT_EQ(d.take(), "1 2 3");
  const auto lines = log.at(2, "port " + p.str() + " refuses messages: 3 wait");
  EXPECT_FALSE(lines.empty());
  send(p, 11, 12);
  w.settle();
  EXPECT_EQ(d.text(), "11 12");  // there is room again
}

TEST_F(limits_of_a_port, drop_the_oldest) {
  const port_id p = limited({.messages = 3, .when_full = when_full::drop_oldest});
  send(p, 1, 10);
  w.settle();
  EXPECT_EQ(d.take(), "8 9 10");
  send(p, 11, 13);
  w.settle();
  EXPECT_EQ(d.text(), "11 12 13");
}

TEST_F(limits_of_a_port, drop_the_newest_without_a_word) {
  const log_capture log;
  const port_id p = limited({.messages = 3, .when_full = when_full::drop_newest});
  send(p, 1, 10);
  w.settle();
  EXPECT_EQ(d.text(), "1 2 3");
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(limits_of_a_port, kill_it) {
  const port_id p = limited({.messages = 3, .when_full = when_full::kill});
  w.me.mon(p, [this](const message& reason) { d(reason[0].to_string()); });
  w.settle();
  send(p, 1, 4);
  w.settle();
  EXPECT_EQ(d.text(), "1 2 3 mailbox_full");  // in the place of what there was no room for
}

TEST_F(limits_of_a_port, that_kill_are_told_to_monitors_that_were_set_before_the_flood) {
  const port_id p = w.me.port("n", [this](int n) { d(std::to_string(n)); });
  w.me.set_limits(p, {.messages = 1, .when_full = when_full::kill});
  w.me.mon(p, [this](const message& reason) { d(reason[0].to_string()); });
  send(p, 1, 5);
  w.settle();
  EXPECT_EQ(d.text(), "1 mailbox_full");
}

TEST_F(limits_of_a_port, leave_ports_alone_that_are_made_after_them) {
  for (const bool alone : {true, false}) {
    const port_id p = w.me.port("n", [] {});
    if (!alone) w.settle();
    w.me.set_limits(p, {.messages = 10});
    const port_id q = w.me.port("n", [this](int n) { d(std::to_string(n)); });
    send(q, 1, 2);
    const port_id r = w.me.port();
    w.me.rcv(r, "n", [this](int n) { d("r" + std::to_string(n)); });
    send(r, 3, 4);
    const port_id s = w.me.spawn([this] { rcv(self(), "n", [this](int n) { d("s" + std::to_string(n)); }); });
    send(s, 5, 5);
    w.me.set_limits(p, {});
    const port_id t = w.me.port("n", [this](int n) { d("t" + std::to_string(n)); });
    send(t, 6, 6);
    w.settle();
    EXPECT_EQ(d.take(), "1 2 r3 r4 s5 t6");
  }
}

TEST_F(limits_of_a_port, count_bytes) {
  const port_id p = w.me.port("text", [this](const std::string& text) { d(std::to_string(text.size())); });
  w.me.set_limits(p, {.bytes = 10'000});
  for (const std::size_t size : {6000u, 5000u, 3000u, 20'000u}) w.me.snd(p, "text", std::string(size, 'x'));
  w.settle();
  EXPECT_EQ(d.take(), "6000 3000");
  w.me.snd(p, "text", std::string(9000, 'x'));
  w.settle();
  EXPECT_EQ(d.text(), "9000");
}

TEST_F(limits_of_a_port, count_bytes_of_messages_that_others_hold_too) {
  const port_id p = w.me.port("text", [this](const std::string& text) { d(std::to_string(text.size())); });
  w.me.set_limits(p, {.bytes = 10'000});
  const message shared("text", std::string(4000, 'x'));
  for (int i = 0; i < 4; ++i) w.me.snd(p, shared);
  w.settle();
  EXPECT_EQ(d.take(), "4000 4000");
  w.me.snd(p, shared);
  w.settle();
  EXPECT_EQ(d.text(), "4000");
}

TEST_F(limits_of_a_port, let_several_old_ones_make_room_for_a_large_one) {
  const port_id p = w.me.port("text", [this](const std::string& text) { d(std::to_string(text.size())); });
  w.me.set_limits(p, {.bytes = 10'000, .when_full = when_full::drop_oldest});
  for (const std::size_t size : {3000u, 3001u, 3002u, 6000u}) w.me.snd(p, "text", std::string(size, 'x'));
  w.settle();
  EXPECT_EQ(d.take(), "3002 6000");
  w.me.snd(p, "text", std::string(20'000, 'x'));  // does not fit into an empty mailbox
  w.settle();
  EXPECT_EQ(d.text(), "");
}

TEST_F(limits_of_a_port, leave_the_order_of_all_other_messages_alone) {
  const port_id p = limited({.messages = 2, .when_full = when_full::drop_oldest});
  const port_id other = w.me.port("n", [this](int n) { d("o" + std::to_string(n)); });
  for (int n = 1; n <= 4; ++n) {
    send(p, n, n);
    w.me.snd(other, "n", n);
  }
  w.settle();
  EXPECT_EQ(d.text(), "o1 o2 3 o3 4 o4");
}

TEST_F(limits_of_a_port, do_not_count_what_is_no_message_to_it) {
  bool fired = false;
  const port_id echo = w.me.port("echo", [](int n, const port_id& reply_to) { snd(reply_to, n); });
  const port_id p = w.me.port("go", [&] {
    for (int n = 1; n <= 3; ++n) cal(echo, "echo", n).then([this](int got) { d(std::to_string(got)); });
    after(0s, [&] { fired = true; });
  });
  w.me.set_limits(p, {.messages = 1});
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "1 2 3");
  EXPECT_TRUE(fired);
}

TEST_F(limits_of_a_port, end_when_they_are_taken_away) {
  const port_id p = limited({.messages = 1});
  w.me.set_limits(p, {});
  send(p, 1, 3);
  w.settle();
  EXPECT_EQ(d.text(), "1 2 3");
}

TEST_F(limits_of_a_port, may_change_while_messages_wait) {
  const port_id p = limited({.messages = 100});
  w.inside([&] {
    send(p, 1, 5);
    set_limits(p, {.messages = 2, .when_full = when_full::drop_oldest});
    send(p, 6, 8);
  });
  w.settle();
  EXPECT_EQ(d.take(), "7 8");
  const port_id q = w.me.port("n", [&](int n) {
    d(std::to_string(n));
    if (n == 1) set_limits(self(), {.messages = 1, .when_full = when_full::drop_oldest});
  });
  send(q, 1, 3);  // taken in before there was a limit
  w.settle();
  EXPECT_EQ(d.take(), "1 2 3");
  send(q, 4, 5);
  w.settle();
  EXPECT_EQ(d.text(), "5");
}

TEST_F(limits_of_a_port, hold_for_what_was_sent_behind_them_while_others_have_limits_already) {
  limited({.messages = 1});
  const port_id p = w.me.port("n", [this](int n) { d(std::to_string(n)); });
  w.me.set_limits(p, {.messages = 2});
  send(p, 1, 5);
  const port_id born = w.me.spawn([&] {
    set_limits(self(), {.messages = 2, .when_full = when_full::drop_oldest});
    rcv(self(), "n", [this](int n) { d("b" + std::to_string(n)); });
  });
  send(born, 1, 5);
  w.settle();
  EXPECT_EQ(d.take(), "1 2 b4 b5");
  send(born, 6, 8);
  w.settle();
  EXPECT_EQ(d.text(), "b7 b8");
}

TEST_F(limits_of_a_port, hold_for_what_other_workers_and_its_own_handlers_send) {
  world two(2);
  diary got;
  const port_id p = two.me.port(on_worker(1), "n", [&](int n) {
    got(std::to_string(n));
    if (n == 1) {
      for (int i = 10; i < 20; ++i) snd(self(), "n", i);
    }
  });
  two.me.set_limits(p, {.messages = 2});
  two.inside([&] {
    for (int n = 1; n <= 5; ++n) snd(p, "n", n);
  });
  two.settle();
  EXPECT_EQ(got.text(), "1 2 10");  // 2 waits when the handler of 1 has returned
}

TEST_F(limits_of_a_port, destroy_what_is_dropped_and_its_destructor_may_send) {
  const port_id other = w.me.port("gone", [this](int n) { d("gone" + std::to_string(n)); });
  struct last_words {
    world* of;
    port_id to;
    int n;
    last_words(world& w, port_id p, int i) : of(&w), to(std::move(p)), n(i) {}
    ~last_words() { of->me.snd(to, "gone", n); }
  };
  const port_id p = w.me.port("x", [this](const std::shared_ptr<last_words>& l) { d(std::to_string(l->n)); });
  w.me.set_limits(p, {.messages = 1, .when_full = when_full::drop_oldest});
  for (int n = 1; n <= 3; ++n) w.me.snd(p, "x", std::make_shared<last_words>(w, other, n));
  w.settle();
  EXPECT_EQ(d.text(), "3 gone1 gone2 gone3");
}

TEST_F(limits_of_a_port, give_memory_back_before_the_turn_of_what_was_dropped) {
  std::size_t in_memory = 0;
  const port_id before = w.me.port("x", [&] { in_memory = w.worker_at().ports().queue().counted(); });
  const port_id p = limited({.messages = 10, .when_full = when_full::drop_oldest});
  w.me.snd(before, "x");
  send(p, 1, 10'000);
  w.settle();
  EXPECT_GE(in_memory, 10u);
  EXPECT_LT(in_memory, 2000u);
  EXPECT_EQ(d.text(), "9991 9992 9993 9994 9995 9996 9997 9998 9999 10000");
}

TEST_F(limits_of_a_port, forget_a_message_that_is_sent_again) {
  const port_id other = w.me.port("n", [this](int n) { d("o" + std::to_string(n)); });
  const port_id p = w.me.port([&](const message& m) { snd(other, m); });
  w.me.set_limits(p, {.messages = 1});
  w.me.set_limits(other, {.messages = 5});
  for (int n = 1; n <= 4; ++n) {
    send(p, n, n);
    w.settle();
  }
  EXPECT_EQ(d.text(), "o1 o2 o3 o4");
}

TEST_F(limits_of_a_port, are_set_on_its_own_node) {
  const auto text_of = [&](const port_id& p) {
    try {
      w.me.set_limits(p, {.messages = 1});
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(text_of(*port_id::parse("there#x")),
            "set_limits: there#x is no port of this node (here); a port's limits are set on its own node");
  EXPECT_EQ(text_of({}), "set_limits: the port ID is empty");
  EXPECT_EQ(text_of(*port_id::parse("here")), "set_limits: here is a node port, which has no limits");
  const port_id dead = w.me.port();
  w.me.kil(dead);
  w.settle();
  EXPECT_EQ(text_of(dead), "no error");
}

TEST_F(limits_of_a_port, that_begin_in_a_handler_leave_the_order_alone) {
  const port_id other = w.me.port("n", [this](int n) { d("o" + std::to_string(n)); });
  const port_id p = w.me.port("go", [&] {
    snd(other, "n", 1);
    snd(other, "n", 2);
    set_limits(self(), {.messages = 10});
    snd(other, "n", 3);
  });
  w.me.snd(p, "go");
  send(other, 0, 0);
  w.settle();
  EXPECT_EQ(d.text(), "o0 o1 o2 o3");
}

TEST_F(limits_of_a_port, may_become_ones_that_drop_the_oldest_while_messages_wait) {
  const port_id p = w.me.port("n", [&](int n) {
    d(std::to_string(n));
    if (n != 0) return;
    for (int i = 1; i <= 5; ++i) snd(self(), "n", i);
  });
  const port_id other = w.me.port("x", [&](int n) {
    if (n != 0) return;
    set_limits(p, {.messages = 5, .when_full = when_full::drop_oldest});
    for (int i = 100; i <= 102; ++i) snd(p, "n", i);
  });
  w.me.set_limits(p, {.messages = 5});
  w.settle();
  w.inside([&] {
    for (int i = 1; i <= 5; ++i) snd(p, "n", i);
    snd(other, "x", 0);  // its handler runs behind these
    send(p, 6, 6);
  });
  w.settle();
  EXPECT_EQ(d.take(), "1 2 3 4 5 100 101 102") << "there was room by then";
  const port_id busy = w.me.spawn([this]() -> task<> {
    set_limits(self(), {.messages = 3});
    co_await receive("go");
    for (;;) d(std::to_string(co_await receive<int>("n")));
  });
  w.settle();
  send(busy, 1, 3);
  w.settle();
  w.me.set_limits(busy, {.messages = 3, .when_full = when_full::drop_oldest});
  w.settle();
  send(busy, 4, 5);
  w.me.set_limits(busy, {.messages = 4});
  w.settle();
  w.me.snd(busy, "go");
  w.settle();
  EXPECT_EQ(d.text(), "3 4 5");
}

TEST_F(limits_of_a_port, with_bytes_that_come_and_go_count_right) {
  const port_id p = w.me.spawn([this]() -> task<> {
    co_await receive("go");
    for (;;) d(std::to_string((co_await receive<std::string>("text")).size()));
  });
  w.me.set_limits(p, {.bytes = 10'000});
  w.settle();
  w.me.snd(p, "text", std::string(9000, 'x'));
  w.settle();
  w.me.set_limits(p, {.messages = 100});
  w.settle();
  w.me.snd(p, "go");
  w.settle();
  w.me.set_limits(p, {.bytes = 10'000});
  w.settle();
  w.me.snd(p, "text", std::string(8000, 'x'));
  w.settle();
  EXPECT_EQ(d.text(), "9000 8000");
}

TEST_F(limits_of_a_port, whose_dropped_message_ends_it) {
  struct bomb {
    port_id at;
    explicit bomb(port_id p) : at(std::move(p)) {}
    ~bomb() {
      peval(at, [] { throw std::runtime_error("by a destructor"); });
    }
  };
  const port_id p = w.me.spawn([]() -> task<> {
    set_limits(self(), {.messages = 1, .when_full = when_full::drop_oldest});
    co_await receive("never");
  });
  w.me.mon(p, [this](const message& reason) { d(reason[1].to_string()); });
  w.settle();
  w.me.snd(p, "bomb", std::make_shared<bomb>(p));
  w.settle();
  w.inside([&] { snd(p, "x"); });
  w.settle();
  EXPECT_EQ(d.text(), "by a destructor");
}

// ---- coroutines ----

TEST_F(limits_of_a_port, count_what_waits_for_a_coroutine) {
  const port_id p = w.me.spawn([this]() -> task<> {
    set_limits(self(), {.messages = 3});
    co_await receive("go");
    for (;;) d(std::to_string(co_await receive<int>("n")));
  });
  w.settle();
  send(p, 1, 2);
  w.settle();
  send(p, 3, 5);
  w.me.snd(p, "go");  // no room for it
  w.settle();
  EXPECT_EQ(d.text(), "");
  w.me.set_limits(p, {.messages = 4});
  w.settle();
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.take(), "1 2 3");
  send(p, 6, 8);
  w.settle();
  EXPECT_EQ(d.text(), "6 7 8");
}

TEST_F(limits_of_a_port, drop_the_oldest_from_a_coroutines_mailbox_first) {
  const port_id p = w.me.spawn([this]() -> task<> {
    set_limits(self(), {.messages = 3, .bytes = 100'000, .when_full = when_full::drop_oldest});
    co_await receive("go");
    for (;;) d(std::to_string(co_await receive<int>("n")));
  });
  w.settle();
  send(p, 1, 2);
  w.settle();
  send(p, 3, 5);
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.text(), "4 5");
}

TEST_F(limits_of_a_port, count_bytes_in_a_coroutines_mailbox) {
  const port_id p = w.me.spawn([this]() -> task<> {
    set_limits(self(), {.bytes = 10'000});
    co_await receive("go");
    for (;;) d(std::to_string((co_await receive<std::string>("text")).size()));
  });
  w.settle();
  for (const std::size_t size : {6000u, 5000u, 3000u}) w.me.snd(p, "text", std::string(size, 'x'));
  w.settle();
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(d.take(), "6000 3000");
  w.me.snd(p, "text", std::string(9000, 'x'));
  w.settle();
  EXPECT_EQ(d.text(), "9000");
}

TEST_F(limits_of_a_port, forget_the_mail_that_nobody_will_read) {
  const port_id p = w.me.port("begin", [this]() -> task<> {
    co_await receive("go");
    d("went");
  });
  w.me.set_limits(p, {.messages = 2, .bytes = 100'000});
  for (int round = 0; round < 3; ++round) {
    w.me.snd(p, "begin");
    w.settle();
    send(p, 1, 1);
    w.settle();
    w.me.snd(p, "go");  // the coroutine ends, and its mailbox with it
    w.settle();
  }
  EXPECT_EQ(d.text(), "went went went");
}

}  // namespace
}  // namespace aemp::core
