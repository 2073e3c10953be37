// A node's limit of memory: who waits, who gets an error, and that what is counted is counted down again.
#include "core/memory_gate.hpp"

#include <atomic>

#include <aemp/unsendable.hpp>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

std::string name_of_error(auto&& f) {
  try {
    f();
  } catch (const unsendable& e) {
    return e.name();
  }
  return "";
}

TEST(a_memory_gate, lets_threads_pass_while_there_is_room) {
  memory_gate gate(100, true);
  gate.add_queued(50);
  gate.add_kept(30);
  EXPECT_EQ(name_of_error([&] { gate.pass("here"); }), "");
  gate.set_unsent(20);
  EXPECT_EQ(gate.all(), 100u);
  EXPECT_EQ(name_of_error([&] { gate.pass("here"); }), "memory_full") << "nothing runs that could make room";
}

TEST(a_memory_gate, has_threads_wait_until_there_is_room) {
  const watchdog dog;
  memory_gate gate(100, true);
  gate.set_running(true);
  gate.add_queued(150);
  std::atomic<bool> passed{false};
  std::thread sender([&] {
    gate.pass("here");
    passed = true;
  });
  std::thread other([&] { gate.pass("here"); });
  EXPECT_FALSE(passed);
  gate.sub_queued(20);
  EXPECT_FALSE(passed);
  gate.sub_queued(40);
  sender.join();
  other.join();
  EXPECT_TRUE(passed);
}

TEST(a_memory_gate, lets_nobody_wait_when_the_run_ends) {
  const watchdog dog;
  memory_gate gate(100, true);
  gate.set_running(true);
  gate.add_queued(150);
  std::string error;
  std::thread sender([&] { error = name_of_error([&] { gate.pass("here"); }); });
  gate.set_running(false);
  sender.join();
  EXPECT_EQ(error, "memory_full");
}

TEST(a_limit_of_memory, is_not_exceeded_by_threads_that_send) {
  constexpr std::size_t limit = 200'000, size = 1000;
  threaded_node n(2, "here", "u", limit);
  memory_gate& gate = *n.core().memory();
  std::atomic<int> got{0};
  const auto count = [&](const std::string&) {
    if (++got == 8000) n.stop();
  };
  const port_id ports[] = {n.me.port(on_worker(0), "text", count), n.me.port(on_worker(1), "text", count)};
  std::size_t most = 0;
  std::thread sender([&] {
    for (int i = 0; i < 8000; ++i) {
      if (name_of_error([&] { n.me.snd(ports[i % 2], "text", std::string(size, 'x')); }) != "") {
        --i;  // the node does not run yet
        std::this_thread::yield();
      }
      most = std::max(most, gate.all());
    }
  });
  n.run();
  sender.join();
  EXPECT_EQ(got, 8000);
  EXPECT_GT(most, limit / 2) << "otherwise this has shown nothing";
  EXPECT_LT(most, limit + 2 * size);
  EXPECT_EQ(gate.all(), 0u);
}

TEST(a_limit_of_memory, is_an_error_for_those_who_want_one) {
  threaded_node n(1, "here", "u", 100'000, false);
  std::atomic<int> got{0};
  std::atomic<bool> stays{true};
  const port_id p = n.me.port("text", [&](const std::string&) {
    while (stays) std::this_thread::yield();
    ++got;
  });
  const port_id last = n.me.port("end", [&] { n.stop(); });
  int sent = 0;
  std::string what;
  std::thread sender([&] {
    try {
      for (; sent < 1000; ++sent) n.me.snd(p, "text", std::string(1000, 'x'));
    } catch (const unsendable& e) {
      what = e.what();
    }
    stays = false;
    while (name_of_error([&] { n.me.snd(last, "end"); }) != "") std::this_thread::yield();
  });
  n.run();
  sender.join();
  EXPECT_NE(what.find("bytes wait in the queues of node here, and memory_limit is 100000"), std::string::npos)
      << what;
  EXPECT_GT(sent, 50);
  EXPECT_LT(sent, 150);
  EXPECT_EQ(got, sent);
}

TEST(a_limit_of_memory, does_not_hold_up_callbacks) {
  world w(1, "here", "u", 10'000);
  int got = 0;
  const port_id sink = w.me.port("text", [&](const std::string&) { ++got; });
  const port_id p = w.me.port("go", [&] {
    for (int i = 0; i < 100; ++i) snd(sink, "text", std::string(1000, 'x'));
  });
  w.me.snd(p, "go");
  w.settle();
  EXPECT_EQ(got, 100);
  EXPECT_EQ(w.core().memory()->all(), 0u);
}

TEST(a_limit_of_memory, counts_everything_down_again) {
  const log_capture log;
  world w(2, "here", "u", 1'000'000);
  memory_gate& gate = *w.core().memory();
  const auto text = [] { return std::string(500, 'x'); };
  const port_id other = w.me.port(on_worker(1), "text", [](const std::string&) {});
  const port_id oldest = w.me.port("text", [](const std::string&) {});
  w.me.set_limits(oldest, {.messages = 3, .when_full = when_full::drop_oldest});
  const port_id newest = w.me.port("text", [](const std::string&) {});
  w.me.set_limits(newest, {.bytes = 3000});
  const port_id fragile = w.me.port("text", [](const std::string&) {});
  w.me.set_limits(fragile, {.messages = 3, .when_full = when_full::kill});
  const port_id reader = w.me.spawn(on_worker(0), [&]() -> task<> {
    co_await receive("go");
    for (int i = 0; i < 5; ++i) (void)co_await receive<std::string>("text");
    co_await receive("end");
  });
  const port_id dead = w.me.port();
  w.me.kil(dead);
  const message shared("text", text());
  for (int i = 0; i < 10; ++i) {
    for (const port_id& p : {other, oldest, newest, fragile, reader, dead}) {
      w.me.snd(p, "text", text());
      w.me.snd(p, shared);
    }
    w.inside([&] {
      for (const port_id& p : {other, oldest, newest}) snd(p, "text", text());
    });
  }
  w.me.snd(*port_id::parse("nowhere#x"), "text", text());
  EXPECT_GT(gate.queued(), 10'000u);
  w.settle();
  EXPECT_EQ(gate.queued(), 0u);
  EXPECT_GT(gate.all(), 20 * 500u) << "what the coroutine has not asked for";
  w.me.snd(reader, "go");
  w.settle();
  EXPECT_EQ(gate.queued(), 0u);
  EXPECT_GT(gate.all(), 15 * 500u);
  EXPECT_LT(gate.all(), 16 * 600u);
  w.me.snd(reader, "end");
  w.settle();
  EXPECT_EQ(gate.all(), 0u);
}

}  // namespace
}  // namespace aemp::core
