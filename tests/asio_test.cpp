// Data connections as streams of Boost.Asio, on an io_context beside the nodes.
#include <aemp/asio.hpp>

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A server that echoes as an Asio program would, and a client's stream to it.
class asio_streams : public ::testing::Test {
 protected:
  asio_streams() {
    server_.node.define_data("echo", [this](data_connection c) {
      asio::co_spawn(context_, echo(asio_stream(context_.get_executor(), c)), [](std::exception_ptr) {});
    });
    server_.node.define_data("hold", [this](data_connection c) { held_.set(c); });
    server_.start();
    client_.start();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~asio_streams() override {
    work_.reset();
    thread_.join();
  }

  static asio::awaitable<void> echo(asio_stream s) {
    std::string some(10'000, '\0');
    for (;;) {
      const std::size_t n = co_await s.async_read_some(asio::buffer(some), asio::use_awaitable);
      co_await asio::async_write(s, asio::buffer(some.data(), n), asio::use_awaitable);
    }
  }
  std::unique_ptr<asio_stream> open(const std::string& function) {
    owner_ = client_.node.spawn([this, function] {
      rcv(self(), "stay", [] {});
      connect_to("server", 10s, function, [this](data_connection c) { opened_.set(c); });
    });
    return std::make_unique<asio_stream>(context_.get_executor(), opened_.get());
  }

  asio::io_context context_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
  awaited<data_connection> opened_, held_;
  port_id owner_;
  live_node server_{config{.nodeid = "server", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  live_node client_{
      config{.nodeid = "client", .binds = {}, .seeds = {server_.endpoint()}, .secret = "geheim"}};
};

TEST_F(asio_streams, read_and_write_with_futures_and_coroutines) {
  const auto s = open("echo");
  EXPECT_EQ("server", s->node());
  const std::string sent = std::string(3'000'000, 'x') + "end\n";
  auto written = asio::async_write(*s, asio::buffer(sent), asio::use_future);
  std::string heard(sent.size(), '\0');
  auto read = asio::async_read(*s, asio::buffer(heard), asio::use_future);
  ASSERT_EQ(std::future_status::ready, read.wait_for(20s));
  EXPECT_EQ(sent.size(), written.get());
  EXPECT_EQ(sent.size(), read.get());
  EXPECT_TRUE(sent == heard);
}

TEST_F(asio_streams, tell_the_end_and_what_came_before_it) {
  const auto s = open("hold");
  data_connection other = held_.get();
  other.write("last words\n");
  other.close();
  std::string line;
  auto first = asio::async_read_until(*s, asio::dynamic_buffer(line), '\n', asio::use_future);
  ASSERT_EQ(std::future_status::ready, first.wait_for(10s));
  EXPECT_EQ("last words\n", line.substr(0, first.get()));
  char c;
  awaited<boost::system::error_code> ended;
  s->async_read_some(asio::buffer(&c, 1),
                     [&](boost::system::error_code code, std::size_t) { ended.set(code); });
  EXPECT_EQ(ended.get(), asio::error::eof);
  awaited<boost::system::error_code> refused;
  s->async_write_some(asio::buffer("x", 1),
                      [&](boost::system::error_code code, std::size_t) { refused.set(code); });
  EXPECT_EQ(refused.get(), asio::error::broken_pipe);
}

TEST_F(asio_streams, abort_what_is_under_way_when_they_are_closed_or_their_port_ends) {
  for (const bool by_port : {false, true}) {
    const auto s = open("hold");
    held_.get();
    char c;
    awaited<boost::system::error_code> ended;
    s->async_read_some(asio::buffer(&c, 1),
                       [&](boost::system::error_code code, std::size_t) { ended.set(code); });
    EXPECT_THROW(s->async_read_some(asio::buffer(&c, 1), [](boost::system::error_code, std::size_t) {}),
                 std::logic_error);
    if (by_port) {
      client_.node.kil(owner_);
    } else {
      s->close();
    }
    EXPECT_EQ(ended.get(), asio::error::operation_aborted);
  }
}

TEST_F(asio_streams, let_a_read_be_cancelled_without_losing_a_byte) {
  const auto s = open("hold");
  data_connection other = held_.get();
  char c;
  awaited<boost::system::error_code> ended;
  asio::cancellation_signal stop;
  asio::post(context_, [&] {
    s->async_read_some(asio::buffer(&c, 1),
                       asio::bind_cancellation_slot(stop.slot(), [&](boost::system::error_code code,
                                                                     std::size_t) { ended.set(code); }));
    stop.emit(asio::cancellation_type::total);
  });
  EXPECT_EQ(ended.get(), asio::error::operation_aborted);
  other.write("a line\n");
  std::string line;
  auto first = asio::async_read_until(*s, asio::dynamic_buffer(line), '\n', asio::use_future);
  ASSERT_EQ(std::future_status::ready, first.wait_for(10s));
  EXPECT_EQ("a line\n", line);
}

TEST_F(asio_streams, let_a_write_be_cancelled_that_waits_for_room) {
  const auto s = open("hold");
  data_connection other = held_.get();
  other.pause(true);
  const std::string much(data_connection::enough, 'x');
  std::size_t written = 0;
  awaited<boost::system::error_code> ended;
  asio::cancellation_signal stop;
  std::function<void()> write_more = [&] {
    s->async_write_some(
        asio::buffer(much),
        asio::bind_cancellation_slot(stop.slot(), [&](boost::system::error_code code, std::size_t n) {
          written += n;
          code ? ended.set(code) : write_more();
        }));
  };
  asio::post(context_, write_more);
  asio::steady_timer timer(context_);
  std::function<void(std::size_t)> look = [&](std::size_t before) {
    timer.expires_after(100ms);
    timer.async_wait([&, before](boost::system::error_code) {
      if (written != before) return look(written);
      stop.emit(asio::cancellation_type::partial);
    });
  };
  asio::post(context_, [&] { look(0); });
  EXPECT_EQ(ended.get(), asio::error::operation_aborted);
  std::atomic<std::size_t> heard = 0;
  awaited<int> all;
  const std::size_t expected = written;
  other.on_data([&, expected](std::string_view bytes) {
    if ((heard += bytes.size()) == expected) all.set(1);
  });
  other.pause(false);
  all.get();
}

TEST_F(asio_streams, make_the_writer_wait_for_a_reader_that_does_not_read) {
  const auto s = open("hold");
  data_connection other = held_.get();
  other.pause(true);
  const std::string much(40 << 20, 'x');
  auto written = asio::async_write(*s, asio::buffer(much), asio::use_future);
  std::atomic<std::size_t> heard = 0;
  awaited<int> all;
  other.on_data([&](std::string_view bytes) {
    if ((heard += bytes.size()) == much.size()) all.set(1);
  });
  EXPECT_EQ(0u, heard);
  other.pause(false);
  ASSERT_EQ(std::future_status::ready, written.wait_for(20s));
  EXPECT_EQ(much.size(), written.get());
  all.get();
}

}  // namespace
}  // namespace aemp::testing
