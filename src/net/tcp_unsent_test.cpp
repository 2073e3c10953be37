// What the kernel takes and cannot send yet: nothing can pass it any more.
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "net/loopback_test.hpp"
#include "net/tcp_stream.hpp"

namespace aemp::net {
namespace {

using testing::any_port;
using testing::owner;
using testing::pattern;

// A connection whose other end reads nothing.
struct to_nobody {
  to_nobody() {
    namespace asio = boost::asio;
    asio::ip::tcp::acceptor door(context, {asio::ip::address_v4::loopback(), 0});
    asio::ip::tcp::socket from(context);
    from.connect(door.local_endpoint());
    door.accept(to);
    same = dup(from.native_handle());
    stream.reset(
        new tcp_connection(std::make_shared<tcp_shared>(context), std::move(from), any_port, any_port));
  }
  ~to_nobody() {
    stream->abandon();
    close(same);
  }
  int unsent() const {
    int bytes = -1;
    EXPECT_EQ(0, ioctl(same, SIOCOUTQNSD, &bytes));
    return bytes;
  }

  boost::asio::io_context context;
  boost::asio::ip::tcp::socket to{context};
  tcp_connection::ptr stream;
  int same = -1;
};

TEST(tcp_unsent, is_little_with_the_kernel) {
  to_nobody c;
  std::string much = pattern(50'000'000);
  EXPECT_FALSE(c.stream->write(much));
  EXPECT_GT(c.unsent(), 0);
  EXPECT_LE(c.unsent(), 512 * 1024);
}

TEST(tcp_unsent, is_more_of_a_large_write_by_reference_and_little_again_behind_it) {
  owner events;
  to_nobody c;
  c.stream->start(events);
  std::string small = pattern(10);
  const std::string much = pattern(50'000'000);
  const std::array<std::string_view, 2> pieces{small, much};
  const auto limit = [&] {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    EXPECT_EQ(0, getsockopt(c.same, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, &size));
    return bytes;
  };
  EXPECT_TRUE(c.stream->write_pieces({pieces.data(), 1}));
  const int usual = limit();
  EXPECT_FALSE(c.stream->write_pieces(pieces));
  EXPECT_GT(c.unsent(), usual);
  EXPECT_LE(c.unsent(), 4 * 1024 * 1024);
  EXPECT_GT(limit(), usual);

  std::vector<char> room(1 << 20);
  c.to.non_blocking(true);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  // All is with the kernel, and then with the other end.
  const auto is_through = [&] { return events.sent != 0 && c.unsent() == 0; };
  for (; !is_through() && std::chrono::steady_clock::now() < end; c.context.poll()) {
    boost::system::error_code ignored;
    (void)c.to.receive(boost::asio::buffer(room), 0, ignored);
  }
  EXPECT_EQ(events.sent, 1);
  EXPECT_TRUE(c.stream->write(small));
  EXPECT_EQ(limit(), usual);
}

}  // namespace
}  // namespace aemp::net
