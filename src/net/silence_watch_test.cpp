// What makes a connection silent, and what does not. That a host which vanishes is noticed takes two hosts:
// tests/vanished_host_test.py.
#include "net/silence_watch.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>

#include "net/descriptors_test.hpp"
#include "net/loopback_test.hpp"

namespace aemp::net {
namespace {

using namespace std::chrono_literals;
using testing::connected;
using testing::open_descriptors;
using testing::pattern;

// Of the connections that have been made since then.
std::vector<int> values_of(int option, const std::set<int>& before) {
  std::vector<int> found;
  for (const int d : open_descriptors()) {
    sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (before.contains(d) || ::getpeername(d, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    int value = -1;
    socklen_t n = sizeof value;
    EXPECT_EQ(::getsockopt(d, IPPROTO_TCP, option, &value, &n), 0);
    found.push_back(value);
  }
  return found;
}

TEST(silence_watch, has_the_kernel_ask_in_time) {
  const std::set<int> before = open_descriptors();
  connected pair;
  const auto give_up_after = [&](core::duration d) {
    pair.client.it->give_up_after(d);
    pair.server.it->give_up_after(d);
  };
  give_up_after(30s);
  EXPECT_EQ(values_of(TCP_KEEPIDLE, before), (std::vector{15, 15}));
  EXPECT_EQ(values_of(TCP_KEEPINTVL, before), (std::vector{7, 7}));
  give_up_after(1us);
  EXPECT_EQ(values_of(TCP_KEEPIDLE, before), (std::vector{1, 1}));
  give_up_after(core::duration::max());
  EXPECT_EQ(values_of(TCP_KEEPINTVL, before), (std::vector{32767, 32767}));
}

// With what the kernel has for that, the limit would end it.
TEST(silence_watch, has_patience_with_a_program_that_does_not_read) {
  connected pair;
  pair.client.it->give_up_after(800ms);
  pair.server.it->pause(true);
  const std::string big = pattern(30'000'000);
  EXPECT_FALSE(pair.client.write(big));
  const auto end = core::time_point::clock::now() + 4s;
  while (core::time_point::clock::now() < end) pair.loop.wait(end);
  EXPECT_FALSE(pair.client.closed) << *pair.client.closed;
  pair.server.it->pause(false);
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received.size() == big.size(); }));
  EXPECT_TRUE(pair.server.received == big);
}

TEST(silence_watch, has_patience_with_an_idle_connection) {
  connected pair;
  pair.client.it->give_up_after(300ms);
  const auto end = core::time_point::clock::now() + 1500ms;
  while (core::time_point::clock::now() < end) pair.loop.wait(end);
  pair.client.write("still here");
  ASSERT_TRUE(pair.run_until([&] { return pair.server.received == "still here"; }));
}

}  // namespace
}  // namespace aemp::net
