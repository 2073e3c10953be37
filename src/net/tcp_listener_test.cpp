// A listener that is knocked at more often than connections can be taken.
#include "net/tcp_listener.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "net/descriptors_test.hpp"
#include "net/loopback_test.hpp"

namespace aemp::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::any_port;
using testing::loopback;
using testing::owner;

// Connections that wait to be accepted.
std::vector<asio::ip::tcp::socket> knock(asio::io_context& context, const endpoint& at, int times) {
  std::vector<asio::ip::tcp::socket> all;
  for (int i = 0; i < times; ++i) {
    all.emplace_back(context);
    all.back().connect({asio::ip::make_address(at.host), at.port});
  }
  return all;
}

TEST(tcp_listener, lets_a_connection_that_is_up_have_its_turn_between_a_few_new_ones) {
  loopback here;
  std::vector<std::unique_ptr<stream>> came;
  std::size_t came_before_an_answer = 0;
  owner server;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream> s) {
    server.it ? came.push_back(std::move(s)) : server.own(std::move(s));
  });
  const endpoint at = door.value()->local();
  asio::io_context other;
  auto established = knock(other, at, 1);
  ASSERT_TRUE(here.run_until([&] { return server.it != nullptr; }));
  server.when_data = [&](owner&) { came_before_an_answer = came.size(); };
  const auto strangers = knock(other, at, 100);
  established.front().send(asio::buffer("hello", 5));
  ASSERT_TRUE(here.run_until([&] { return came.size() == strangers.size(); }));
  EXPECT_EQ(server.received, "hello");
  EXPECT_LE(came_before_an_answer, 8u);
}

// As fast as it goes, and without a port that stays in use afterwards.
struct flood {
  std::atomic<bool> over = false;
  std::atomic<int> knocks = 0;
  std::thread stranger;

  explicit flood(const endpoint& at) : stranger([this, at] { run(at); }) {}
  ~flood() {
    over = true;
    stranger.join();
  }

  void run(const endpoint& at) {
    asio::io_context context;
    const asio::ip::tcp::endpoint to(asio::ip::make_address(at.host), at.port);
    while (!over) {
      asio::ip::tcp::socket s(context);
      boost::system::error_code ignored;
      s.open(asio::ip::tcp::v4(), ignored);
      s.set_option(asio::socket_base::linger(true, 0), ignored);
      s.connect(to, ignored);
      ++knocks;
    }
  }
};

// A handler that makes the next one ready is a flood that no machine is too slow for.
TEST(asio_loop, comes_back_from_poll_and_wait_although_there_is_always_more) {
  asio_loop loop;
  int ran = 0;
  std::function<void()> again = [&] {
    ++ran;
    asio::post(loop.context(), again);
  };
  asio::post(loop.context(), again);
  for (int i = 1; i <= 100; ++i) {
    const int before = ran;
    if (i % 2 == 0) {
      EXPECT_TRUE(loop.poll());
    } else {
      loop.wait(std::nullopt);
    }
    EXPECT_GT(ran, before);
  }
}

TEST(tcp_listener, does_not_keep_the_worker_while_strangers_knock_all_the_time) {
  loopback here;
  std::size_t came = 0;
  const auto door = here.net->listen(any_port, [&](std::unique_ptr<stream>) {
    ++came;
    // Work, so that there are always more than can be taken.
    for (const auto end = core::time_point::clock::now() + 100us; core::time_point::clock::now() < end;) {
    }
  });
  const flood strangers(door.value()->local());
  ASSERT_TRUE(here.run_until([&] { return came > 0; }));
  auto longest = core::duration::zero();
  for (const auto end = core::time_point::clock::now() + 1s; core::time_point::clock::now() < end;) {
    const auto begin = core::time_point::clock::now();
    here.loop.poll();
    longest = std::max<core::duration>(longest, core::time_point::clock::now() - begin);
  }
  EXPECT_LT(longest, 200ms) << "of " << came << " that came and " << strangers.knocks << " that knocked";
}

TEST(tcp_listener, sleeps_while_there_is_no_descriptor_for_who_waits) {
  loopback here;
  std::vector<std::unique_ptr<stream>> came;
  const auto door =
      here.net->listen(any_port, [&](std::unique_ptr<stream> s) { came.push_back(std::move(s)); });
  asio::io_context other;
  const auto first = knock(other, door.value()->local(), 1);
  ASSERT_TRUE(here.run_until([&] { return came.size() == 1; }));
  rlimit before;
  ::getrlimit(RLIMIT_NOFILE, &before);
  const auto waiting = knock(other, door.value()->local(), 20);
  EXPECT_GT(here.net->room(), 0u);
  rlimit none = before;
  none.rlim_cur = 0;
  ::setrlimit(RLIMIT_NOFILE, &none);
  EXPECT_EQ(here.net->room(), 0u);
  int turns = 0;
  const auto end = core::time_point::clock::now() + 500ms;
  for (; core::time_point::clock::now() < end; ++turns) here.loop.wait(end);
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(came.size(), 1u);
  EXPECT_LT(turns, 50);
  ASSERT_TRUE(here.run_until([&] { return came.size() == 21; }));
}

TEST(tcp_listener, knows_how_many_more_there_is_room_for) {
  loopback here;
  std::vector<std::unique_ptr<stream>> came;
  const auto door =
      here.net->listen(any_port, [&](std::unique_ptr<stream> s) { came.push_back(std::move(s)); });
  asio::io_context other;
  const auto strangers = knock(other, door.value()->local(), 10);
  ASSERT_TRUE(here.run_until([&] { return came.size() == 10; }));
  rlimit limit;
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto left = static_cast<double>(limit.rlim_cur - testing::open_descriptors().size());
  EXPECT_NEAR(static_cast<double>(here.net->room()), left, 8);
}

}  // namespace
}  // namespace aemp::net
