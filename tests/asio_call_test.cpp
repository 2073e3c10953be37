// Calls as operations of Asio: on an io_context beside the nodes, and on the loop of the nodes themselves.
#include <aemp/asio.hpp>

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "tests/live_node.hpp"

namespace aemp::testing {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

std::string reason_of(const std::exception_ptr& e) {
  try {
    if (e) std::rethrow_exception(e);
  } catch (const failure& f) {
    return f.reason();
  } catch (const std::exception& other) {
    return other.what();
  }
  return "none";
}

// A server that adds, one that never answers, and one that dies.
class asio_calls : public ::testing::Test {
 protected:
  asio_calls() {
    host_ = std::make_unique<asio_host>(loop_);
    me_ = std::make_unique<node>(config{}, *host_);
    adder_ = me_->port("add", [](int a, int b, const port_id& reply_to) { snd(reply_to, a + b); });
    fragile_ = me_->port("ask", [] { kil(self(), "gone"); });
    silent_ = me_->port("ask", [this](const port_id& reply_to) { asked_ = reply_to; });
  }
  // Runs a coroutine of Asio to its end, which stops the node.
  template <class F>
  void run(F f) {
    asio::co_spawn(loop_, std::move(f), [this](std::exception_ptr e) {
      thrown_ = reason_of(e);
      me_->stop();
    });
    loop_.run();
  }

  asio::io_context loop_;
  std::unique_ptr<asio_host> host_;
  std::unique_ptr<node> me_;
  port_id adder_, silent_, fragile_, asked_;
  std::string thrown_;
};

TEST_F(asio_calls, give_the_reply_to_a_coroutine) {
  int sum = 0;
  std::string whole;
  run([&]() -> asio::awaitable<void> {
    sum = co_await async_cal<int>(adder_, "add", 1, 2, asio::use_awaitable);
    whole = (co_await async_cal(adder_, "add", 3, 4, asio::use_awaitable)).to_json();
  });
  EXPECT_EQ(thrown_, "none");
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(whole, "[7]");
}

TEST_F(asio_calls, fail_with_the_reason) {
  std::string late, dead, wrong, unsendable;
  run([&]() -> asio::awaitable<void> {
    try {
      co_await async_cal(cal(silent_, "ask").within(10ms), asio::use_awaitable);
    } catch (const failure& f) {
      late = f.reason();
    }
    try {
      co_await async_cal(fragile_, "ask", asio::use_awaitable);
    } catch (const failure& f) {
      dead = f.reason();
    }
    try {
      (void)co_await async_cal<std::vector<int>>(adder_, "add", 1, 2, asio::use_awaitable);
    } catch (const failure& f) {
      wrong = f.reason();
    }
    try {
      co_await async_cal(named_port("elsewhere", "x"), "x", std::make_shared<int>(1), asio::use_awaitable);
    } catch (const std::invalid_argument& e) {
      unsendable = e.what();
    }
  });
  EXPECT_EQ(thrown_, "none");
  EXPECT_EQ(late, "timeout");
  EXPECT_EQ(dead, "gone");
  EXPECT_EQ(wrong, "bad_reply");
  EXPECT_NE(unsendable.find("std::shared_ptr<int>"), std::string::npos) << unsendable;
}

TEST_F(asio_calls, are_taken_back_by_a_cancellation) {
  asio::cancellation_signal stop;
  std::string reason;
  asio::post(loop_, [&] {
    const auto done = [&](std::exception_ptr e, const message&) {
      reason = reason_of(e);
      me_->stop();
    };
    async_cal(silent_, "ask", asio::bind_executor(loop_, asio::bind_cancellation_slot(stop.slot(), done)));
    asio::post(loop_, [&] { stop.emit(asio::cancellation_type::terminal); });
  });
  loop_.run();
  EXPECT_EQ(reason, "cancelled");
}

TEST_F(asio_calls, are_not_sent_before_they_are_begun) {
  {
    auto never = async_cal<int>(adder_, "add", 1, 2, asio::deferred);
    (void)never;
  }
  int sum = 0;
  run([&]() -> asio::awaitable<void> {
    auto later = async_cal<int>(adder_, "add", 2, 3, asio::deferred);
    sum = co_await std::move(later)(asio::use_awaitable);
  });
  EXPECT_EQ(sum, 5);
}

TEST_F(asio_calls, end_with_their_node) {
  std::string reason;
  async_cal(silent_, "ask",
            asio::bind_executor(loop_, [&](std::exception_ptr e, const message&) { reason = reason_of(e); }));
  me_.reset();
  loop_.run();
  EXPECT_EQ(reason, "node_gone");
}

TEST(asio_calls_of_a_thread, give_the_reply_to_a_future) {
  live_node server{config{.nodeid = "server", .binds = {"127.0.0.1:0"}, .secret = "geheim"}};
  const port_id adder =
      server.node.port("add", [](int a, int b, const port_id& reply_to) { snd(reply_to, a + b); });
  server.start();
  std::future<int> sum = async_cal<int>(server.node.cal(adder, "add", 1, 2), asio::use_future);
  EXPECT_EQ(sum.get(), 3);
  std::future<message> never = async_cal(server.node.cal(adder, "nothing").within(10ms), asio::use_future);
  EXPECT_THROW(never.get(), failure);
}

}  // namespace
}  // namespace aemp::testing
