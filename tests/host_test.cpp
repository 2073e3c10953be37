// Nodes on event loops that are not ours: poll(2) with a polled_host, and an io_context with an asio_host.
#include <gtest/gtest.h>

#include <poll.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <aemp/aemp.hpp>
#include <aemp/asio.hpp>
#include <aemp/polled_host.hpp>

namespace aemp::testing {
namespace {

using namespace std::chrono_literals;

config private_node() {
  config c;
  c.norc = true;
  return c;
}

config networked(const std::string& id, string_list seeds = {}) {
  config c{
      .nodeid = id, .binds = {"127.0.0.1:0"}, .seeds = std::move(seeds), .secret = "long enough for a node"};
  c.norc = true;
  return c;
}

// A loop of poll(2), as a program may have it.
struct poll_loop {
  polled_host host;
  int rounds = 0;

  template <class Done>
  bool run_until(Done done, std::chrono::nanoseconds at_most = 10s) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    while (!done()) {
      const auto left = end - std::chrono::steady_clock::now();
      if (left.count() <= 0) return false;
      ++rounds;
      const int most = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
      const int wanted = host.timeout();
      pollfd p{host.descriptor(), POLLIN, 0};
      if (poll(&p, 1, wanted < 0 ? most : std::min(wanted, most)) == 0 && wanted < 0) return false;
      host.run_pending();
    }
    return true;
  }
  bool run_until_stopped() {
    return run_until([&] { return !host.has_nodes(); });
  }
};

TEST(polled_hosts, run_messages_timers_and_coroutines) {
  poll_loop loop;
  node me(private_node(), loop.host);
  std::string heard;
  const port_id p = me.port("say", [&](const std::string& what) { heard += what + " "; });
  me.snd(p, "say", "message");
  me.after(20ms, [&] { heard += "timer "; });
  me.spawn([&]() -> task<> {
    co_await sleep_for(50ms);
    heard += "coroutine ";
    me.stop();
  });
  EXPECT_TRUE(loop.host.has_nodes());
  EXPECT_TRUE(loop.run_until_stopped());
  EXPECT_EQ(heard, "message timer coroutine ");
}

TEST(polled_hosts, are_woken_by_other_threads) {
  poll_loop loop;
  node me(private_node(), loop.host);
  const port_id p = me.port("stop", [&] { me.stop(); });
  EXPECT_FALSE(loop.run_until([] { return false; }, 50ms));
  std::thread other([&] { me.snd(p, "stop"); });
  EXPECT_TRUE(loop.run_until_stopped());
  other.join();
}

TEST(polled_hosts, sleep_while_there_is_nothing_to_do) {
  poll_loop loop;
  node one(networked("one"), loop.host);
  node two(networked("two", {one.listening().front()}), loop.host);
  ASSERT_TRUE(loop.run_until([&] { return one.node_is_up("two") && two.node_is_up("one"); }));
  (void)loop.run_until([] { return false; }, 300ms);
  loop.rounds = 0;
  (void)loop.run_until([] { return false; }, 300ms);
  EXPECT_LT(loop.rounds, 30);
}

TEST(polled_hosts, have_nodes_that_talk_over_the_network) {
  poll_loop loop;
  node server(networked("server"), loop.host);
  const std::string at = server.listening().front();
  // By name, so that a thread of the resolver has something to say.
  node client(networked("client", {"localhost:" + at.substr(at.rfind(':') + 1)}), loop.host);
  int heard = 0;
  server.rcv(*port_id::parse("server#count"), [&](int) { ++heard; });
  for (int i = 0; i < 10'000; ++i) client.snd(*port_id::parse("server#count"), i);
  EXPECT_TRUE(loop.run_until([&] { return heard == 10'000; }));
  std::string reason;
  client.mon(*port_id::parse("server#count"), [&](const message& m) { reason = m[0].to_string(); });
  server.stop();
  EXPECT_TRUE(loop.run_until([&] { return !reason.empty(); }));
  EXPECT_EQ(reason, "node_stopped");
  EXPECT_TRUE(loop.host.has_nodes());
  client.stop();
  EXPECT_TRUE(loop.run_until_stopped());
}

TEST(polled_hosts, keep_other_workers_on_threads_of_their_own) {
  poll_loop loop;
  config c = private_node();
  c.workers = 2;
  node me(c, loop.host);
  const auto here = std::this_thread::get_id();
  std::thread::id first, second;
  const port_id back = me.port(on_worker(0), [&] {
    first = std::this_thread::get_id();
    me.stop();
  });
  const port_id there = me.port(on_worker(1), [&] {
    second = std::this_thread::get_id();
    snd(back, "done");
  });
  me.snd(there, "go");
  EXPECT_TRUE(loop.run_until_stopped());
  EXPECT_EQ(first, here);
  EXPECT_NE(second, here);
}

TEST(polled_hosts, let_nodes_come_and_go) {
  poll_loop loop;
  auto one = std::make_unique<node>(private_node(), loop.host);
  int born = 0;
  std::unique_ptr<node> two;
  one->after(0ms, [&] {
    two = std::make_unique<node>(networked("two"), loop.host);
    two->after(0ms, [&] { ++born; });
  });
  EXPECT_TRUE(loop.run_until([&] { return born == 1; }));
  one.reset();
  two->after(0ms, [&] { ++born; });
  EXPECT_TRUE(loop.run_until([&] { return born == 2; }));
  two.reset();
  EXPECT_FALSE(loop.host.has_nodes());
}

TEST(polled_hosts, have_nodes_that_do_not_run_otherwise) {
  poll_loop loop;
  node me(private_node(), loop.host);
  try {
    me.run();
    FAIL();
  } catch (const std::logic_error& e) {
    EXPECT_NE(std::string(e.what()).find("runs where its host runs"), std::string::npos) << e.what();
  }
}

TEST(polled_hosts, give_the_loop_back_in_time) {
  poll_loop loop;
  node me(private_node(), loop.host);
  const port_id p =
      me.rcv(*port_id::parse(me.id() + "#again"), [&] { snd(*port_id::parse(me.id() + "#again"), "x"); });
  me.snd(p, "x");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(loop.host.run_pending(1ms));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(loop.host.timeout(), 0);
}

TEST(asio_hosts, run_nodes_in_the_programs_io_context) {
  boost::asio::io_context loop;
  asio_host host(loop);
  std::string heard;
  {
    node server(networked("server"), host);
    node client(networked("client", {server.listening().front()}), host);
    server.rcv(*port_id::parse("server#double"), [](int n, port_id reply) { snd(reply, 2 * n); });
    boost::asio::steady_timer timer(loop, 10ms);
    timer.async_wait([&](auto) {
      heard += "timer ";
      client.cal(*port_id::parse("server#double"), 21).then([&](int n) {
        heard += std::to_string(n) + " ";
        server.stop();
        client.stop();
      });
    });
    loop.run();
    EXPECT_EQ(heard, "timer 42 ");
    EXPECT_FALSE(host.has_nodes());
  }
  // Once more: the loop had nothing to do in between.
  node again(private_node(), host);
  again.after(1ms, [&] {
    heard += "again";
    again.stop();
  });
  loop.restart();
  loop.run();
  EXPECT_EQ(heard, "timer 42 again");
}

TEST(asio_hosts, may_end_before_their_loop) {
  boost::asio::io_context loop;
  int fired = 0;
  {
    asio_host host(loop);
    node me(private_node(), host);
    me.after(1h, [] {});
    loop.run_for(20ms);
  }
  boost::asio::post(loop, [&] { ++fired; });
  loop.restart();
  loop.run();
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace aemp::testing
