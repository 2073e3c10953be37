// What a thread has asked of a node is done before whatever depends on it, however that comes.
#include <gtest/gtest.h>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class order : public ::testing::Test {
 protected:
  world w;
  diary d;

  auto never() {
    return [this](const message& reason) { d("died: " + reason.to_string()); };
  }
};

// Outside of callbacks is another thread, as far as the node can tell.
TEST_F(order, a_port_of_another_thread_is_there_for_everything_that_comes_later) {
  const port_id p = w.me.port("x", [&] { d("x"); });
  w.inside([&] {
    mon(p, never());
    snd(p, "x");
    rcv(p, "y", [&] { d("y"); });
    snd(p, "y");
    peval(p, [&] { d("evaluated"); });
  });
  w.settle();
  EXPECT_EQ(d.text(), "x y evaluated");
}

TEST_F(order, a_named_port_of_another_thread_too) {
  const port_id p = w.me.rcv(*port_id::parse("here#name"), "x", [&] { d("x"); });
  w.inside([&] {
    mon(p, never());
    rcv(p, "y", [&] { d("y"); });
    snd(p, "x");
    snd(p, "y");
  });
  w.settle();
  EXPECT_EQ(d.text(), "x y");
}

TEST_F(order, handlers_of_another_thread_are_there_for_what_is_sent_later) {
  const port_id p = w.me.port();
  w.settle();
  w.me.rcv(p, "x", [&] { d("x"); });
  w.inside([&] { snd(p, "x"); });
  w.settle();
  EXPECT_EQ(d.text(), "x");
}

TEST_F(order, a_kill_of_another_thread_comes_before_what_is_sent_later) {
  log_capture log;
  const port_id p = w.me.port("x", [&] { d("x"); });
  w.settle();
  w.me.snd(p, "x");
  w.me.kil(p);
  w.inside([&] { snd(p, "x"); });
  w.settle();
  EXPECT_EQ(d.text(), "x");
}

TEST_F(order, the_network_comes_behind_what_was_asked_before) {
  const port_id p = w.me.port("x", [&] { d("x"); });
  w.inside([&] {
    w.core().deliver(p.name(), message("x"));
    w.core().monitors().watch_local(p.name(), never());
  });
  w.settle();
  EXPECT_EQ(d.text(), "x");
}

// Messages to another worker are collected; handlers are not, and must not overtake them.
TEST(order_of_workers, what_is_sent_to_another_comes_before_what_is_asked_of_it_next) {
  world w(2);
  diary d;
  const port_id there = w.on(1, [&] { return port("x", [&] { d("first"); }); });
  w.settle();
  w.on(0, [&] {
    snd(there, "x");
    rcv(there, "x", nullptr);
    rcv(there, "x", [&] { d("second"); });
    snd(there, "x");
  });
  w.settle();
  EXPECT_EQ(d.text(), "first second");
}

TEST(order_of_workers, what_one_has_done_is_done_before_what_others_are_told) {
  world w(2);
  diary d;
  const port_id p = w.on(1, [&] { return port("x", [&] { d("x"); }); });
  w.settle();
  w.on(0, [&] { rcv(p, "y", [&] { d("y"); }); });
  w.me.snd(p, "y");  // by a thread that was told
  w.settle();
  EXPECT_EQ(d.text(), "y");
}

// ---- names ----

TEST_F(order, after_kil_a_name_is_free_for_the_next_port) {
  const port_id name = *port_id::parse("here#service");
  for (const bool inside : {true, false}) {
    const auto ask = [&] {
      w.me.rcv(name, "old", [&] { d("old"); });
      w.me.snd(name, "old");
      w.me.kil(name, "replaced");
      w.me.rcv(name, "new", [&] { d("new"); });
      w.me.mon(name, never());
      w.me.snd(name, "new");
    };
    inside ? w.inside(ask) : ask();
    w.settle();
    w.me.snd(name, "new");
    w.settle();
    EXPECT_EQ(d.take(), "old new new");
    w.me.kil(name);
    w.settle();
    EXPECT_EQ(d.take(), "died: ");
  }
}

TEST_F(order, a_port_that_is_to_end_still_finds_itself_by_its_name) {
  const port_id name = *port_id::parse("here#service");
  w.me.rcv(name, "first", [&] {
    rcv(self(), "second", [&] { d("second"); });
    snd(self(), "second");
    d("first");
  });
  w.inside([&] {
    snd(name, "first");
    snd(name, "second");
    kil(name);
  });
  w.settle();
  EXPECT_EQ(d.text(), "first second");
}

TEST_F(order, the_end_of_the_former_port_leaves_the_name_to_its_successor) {
  const port_id name = *port_id::parse("here#service");
  int made = 0;
  const auto replace = [&] {
    const int n = ++made;
    rcv(name, "x", [&, n] { d(std::to_string(n)); });
  };
  w.inside([&] {
    replace();
    for (int i = 0; i < 3; ++i) {
      kil(name);
      replace();
    }
    snd(name, "x");
  });
  w.settle();
  EXPECT_EQ(d.text(), "4");
}

// ---- the worker of a function ----

TEST(functions, run_on_the_worker_that_defined_them_whatever_name_they_get) {
  log_capture log;
  world w(2);
  std::vector<std::uint32_t> ran_on;
  w.on(0, [&] { define("f", [&] { ran_on.push_back(worker::current()->index()); }); });
  const port_id lobby = *port_id::parse("here#lobby");
  w.on(1, [&] { rcv(lobby, "x", [] {}); });
  w.settle();
  w.inside([&] {
    for (const char* name : {"lobby", "other"}) w.core().functions().spawn(name, "f", {}, nullptr);
  });
  w.settle();
  EXPECT_EQ(ran_on, std::vector<std::uint32_t>{0});
  EXPECT_EQ(log.at(1, "there is a port 'lobby' already, on another worker").size(), 1u);
}

TEST(placement, ports_are_made_where_they_are_wanted) {
  world w(3);
  std::vector<std::uint32_t> ran_on;
  const auto note = [&] { ran_on.push_back(worker::current()->index()); };
  w.me.snd(w.me.port(on_worker(2), "x", note), "x");
  w.me.snd(w.me.port(on_worker(1), "x", note), "x");
  w.on(2, [&] { snd(port(on_worker(0), "x", note), "x"); });
  w.settle();
  w.inside([&] { spawn(on_worker(2), note); });
  w.settle();
  std::ranges::sort(ran_on);
  EXPECT_EQ(ran_on, (std::vector<std::uint32_t>{0, 1, 2, 2}));
  EXPECT_THROW(w.me.port(on_worker(3)), std::invalid_argument);
  EXPECT_THROW(w.me.spawn(on_worker(7), [] {}), std::invalid_argument);
}

TEST(placement, any_worker_takes_one_after_the_other) {
  world w(3);
  std::set<std::uint32_t> ran_on;
  for (int i = 0; i < 3; ++i)
    w.me.snd(w.me.port(any_worker, "x", [&] { ran_on.insert(worker::current()->index()); }), "x");
  w.settle();
  EXPECT_EQ(ran_on, (std::set<std::uint32_t>{0, 1, 2}));
}

}  // namespace
}  // namespace aemp::core
