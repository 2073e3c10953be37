// What the headers promise at the edges: of a node's life, of threads, of time.
#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "core/instrumented_test.hpp"
#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

// ---- back-pressure ----

// TCP holds the sender, as the network's worker reads no more than what the slow one has taken.
TEST(a_slow_port, costs_no_memory_for_what_others_send_it) {
  std::promise<void> all_gone;  // these outlive the nodes
  std::future<void> gone = all_gone.get_future();
  awaited<std::future_status> while_it_worked;
  int heard = 0;
  awaited<int> all_heard;
  config two_workers{.nodeid = "slow", .binds = {"127.0.0.1:0"}, .secret = "geheim"};
  two_workers.workers = 2;
  two_workers.allow_weak_secret = true;
  live_node slow(two_workers);
  config one_worker{.nodeid = "fast", .secret = "geheim"};
  one_worker.seeds = {slow.endpoint()};
  one_worker.allow_weak_secret = true;
  live_node fast(one_worker);
  const port_id sink = slow.node.port(on_worker(1), [&](const std::string&) {
    if (++heard == 1) while_it_worked.set(gone.wait_for(1s));
    if (heard == 3000) all_heard.set(heard);
  });
  const port_id source = fast.node.port();
  fast.node.peval(source, [&] {
    for (int i = 0; i < 3000; ++i) snd(sink, std::string(10'000, 'x'));
    when_drained(sink.node(), [&] { all_gone.set_value(); });
  });
  slow.start();
  fast.start();
  EXPECT_EQ(std::future_status::timeout, while_it_worked.get());
  EXPECT_EQ(3000, all_heard.get());
}

// ---- run ----

TEST(running_a_node, a_second_time_at_the_same_time_is_an_error_and_not_a_wait_for_ever) {
  node me;
  std::string in_handler, on_thread;
  const auto complaint = [&me] {
    try {
      me.run();
      return std::string("it ran");
    } catch (const std::logic_error& e) {
      return std::string(e.what());
    }
  };
  me.after(0ms, [&] {
    in_handler = complaint();
    std::thread([&] { on_thread = complaint(); }).join();
    me.stop(7);
  });
  EXPECT_EQ(7, me.run());
  EXPECT_NE(std::string::npos, in_handler.find("is running already")) << in_handler;
  EXPECT_NE(std::string::npos, on_thread.find("is running already")) << on_thread;
  me.after(0ms, [&] { me.stop(8); });
  EXPECT_EQ(8, me.run()) << "afterwards it can be run again";
}

// In a process of its own: 42 is right.
[[noreturn]] void run_without_enough_threads() {
  node me(config{.workers = 200});
  const rlimit little = {std::uint64_t{1} << 30, std::uint64_t{1} << 30};  // address space for some stacks
  if (setrlimit(RLIMIT_AS, &little) != 0) std::_Exit(1);
  me.after(0ms, [&] { me.stop(2); });
  try {
    (void)me.run();
  } catch (const start_error& e) {
    std::_Exit(e.name() == "no_thread" ? 42 : 3);
  }
  std::_Exit(4);
}

TEST(running_a_node, without_enough_threads_is_an_error_by_name_and_leaves_the_process_alone) {
  if (core::is_instrumented) GTEST_SKIP() << "needs a bound on the address space";
  EXPECT_EXIT(run_without_enough_threads(), ::testing::ExitedWithCode(42), "");
}

// ---- time ----

TEST(the_longest_durations, are_not_now) {
  constexpr auto longest = std::chrono::nanoseconds::max();
  node me;
  bool happened = false;
  const auto once = me.after(longest, [&] { happened = true; });
  const auto always = me.every(longest, [&] { happened = true; });
  const port_id silent = me.port([](const message&) {});
  message end;
  me.cal(silent, "never").within(longest).then([](const message&) {}, [&](const message& why) { end = why; });
  me.after(20ms, [&] { me.stop(); });
  me.run();
  EXPECT_FALSE(happened);
  EXPECT_TRUE(end.empty()) << end;
}

// ---- messages with several receivers ----

TEST(a_parameter_that_takes_an_element_over, empties_no_message_that_others_get) {
  node me;
  std::vector<std::string> got;
  std::vector<std::unique_ptr<int>> objects;
  const auto take = [&](std::string&& text) { got.push_back(std::move(text)); };
  const port_id one = me.port("t", take), two = me.port("t", take), three = me.port("t", take);
  const std::string text(1000, 'x');
  const message shared("t", text);
  for (const port_id& p : {one, two, three}) me.snd(p, shared);
  me.after(0ms, [&] { me.stop(); });
  me.run();
  EXPECT_EQ((std::vector<std::string>{text, text, text}), got);
  EXPECT_EQ(text, shared[1].as<std::string>());
}

// ---- tracing ----

TEST(a_traced_message, goes_where_it_was_sent) {
  const log_watch log;
  live_node server({.nodeid = "server", .binds = {"127.0.0.1:0"}, .secret = "geheim"});
  awaited<std::string> got;
  server.node.rcv(*port_id::parse("server#p"), "t", [&](const std::string& text) { got.set(text); });
  live_node client({.nodeid = "client", .binds = {}, .seeds = {server.endpoint()}, .secret = "geheim"});
  server.start();
  client.start();
  set_trace(true);
  client.node.snd(*port_id::parse("server#p"), "t", "traced");
  EXPECT_EQ("traced", got.get());
  set_trace(false);
}

// ---- the end of a node ----

struct busy_to_the_last {
  explicit busy_to_the_last(port_id p) : port(std::move(p)) { ++living; }
  busy_to_the_last(const busy_to_the_last&) = delete;
  busy_to_the_last& operator=(const busy_to_the_last&) = delete;
  ~busy_to_the_last() {
    snd(port, "last");
    kil(port, "gone");
    after(0ms, [] {});
    cal(port, "x").then([] {});
    (void)aemp::port([] {});
    --living;
  }
  static inline std::atomic<int> living = 0;
  port_id port;
};

TEST(destructors_of_what_a_node_holds, may_use_the_node) {
  for (const unsigned workers : {1u, 2u}) {
    node me(config{.workers = workers});
    const port_id p = me.port();
    const auto held = [&] { return std::make_shared<busy_to_the_last>(p); };
    me.rcv(p, "h", [h = held()] {});
    std::function<void()> sub;
    me.peval(p, [&] { sub = psub([h = held()] {}); });
    me.after(1h, [h = held()] {});
    me.mon(p, [h = held()](const message&) {});
    me.define("f", [h = held()] {});
    (void)me.grp_mon("g", [h = held()](const std::vector<port_id>&, const std::vector<port_id>&,
                                       const std::vector<port_id>&) {});
    me.cal(p, "never").then([h = held()] {}, [h = held()](const message&) {});
    me.snd(p, "in the queue", held());
    me.after(0ms, [&] { me.stop(); });
    me.run();
  }
  EXPECT_EQ(0, busy_to_the_last::living);
}

// What other threads hold of a node outlives it: then it does nothing. The sanitizers see more than this
// test.
TEST(handles_on_other_threads, do_nothing_once_the_node_is_gone) {
  std::atomic<int> called = 0;
  for (int round = 0; round < 20; ++round) {
    std::atomic<bool> go = false, end = false;
    std::function<void()> sub;
    std::vector<std::thread> threads;
    {
      node me(config{.workers = 2});
      const port_id p = me.port("x", [&] { ++called; });
      me.peval(p, [&] { sub = psub([&] { ++called; }); });
      auto timer = me.every(1ms, [&] { ++called; });
      auto watch = me.mon(p, [](const message&) {});
      threads.emplace_back([&] {
        while (!go) std::this_thread::yield();
        while (!end) sub();
      });
      threads.emplace_back([&go, timer, watch]() mutable {
        while (!go) std::this_thread::yield();
        timer.cancel();
        watch.cancel();
      });
      me.after(1ms, [&] {
        go = true;
        me.stop();
      });
      me.run();
    }
    const int before = called;
    sub();
    sub();
    end = true;
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(before, called);
  }
}

}  // namespace
}  // namespace aemp::testing
