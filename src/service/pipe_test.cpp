// Both ends of a connection to oneself.
#include "service/pipe.hpp"

#include <gtest/gtest.h>

#include "core/world_test.hpp"

namespace aemp::service {
namespace {

struct end final : net::stream_events {
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_sent() override { ++sent; }
  void on_tls(const result<void>&) override {}
  void on_closed(const std::string& why) override { closed += why; }

  std::string heard, closed;
  int sent = 0;
};

class a_pipe : public ::testing::Test {
 protected:
  a_pipe() {
    std::tie(one_, other_) = make_pipe(w_.worker_at());
    one_->start(a_);
    other_->start(b_);
  }
  bool say(net::stream& from, std::string bytes) {
    return w_.inside([&] { return from.write(bytes); });
  }

  core::world w_;
  end a_, b_;
  std::unique_ptr<net::stream> one_, other_;
};

TEST_F(a_pipe, carries_bytes_both_ways_and_later) {
  EXPECT_TRUE(say(*one_, "to b"));
  EXPECT_TRUE(say(*other_, "to a"));
  EXPECT_EQ("", b_.heard);
  w_.settle();
  EXPECT_EQ("to b", b_.heard);
  EXPECT_EQ("to a", a_.heard);
  EXPECT_EQ(0, a_.sent);
}

TEST_F(a_pipe, makes_a_writer_wait_for_a_reader) {
  w_.inside([&] { other_->pause(true); });
  EXPECT_FALSE(say(*one_, std::string(100'000, 'x')));
  w_.settle();
  EXPECT_EQ(0, a_.sent);
  w_.inside([&] { other_->pause(false); });
  w_.settle();
  EXPECT_EQ(1, a_.sent);
  EXPECT_EQ(100'000u, b_.heard.size());
}

TEST_F(a_pipe, ends_after_what_was_written) {
  w_.inside([&] { other_->pause(true); });
  w_.inside([&] { one_->finish("last words"); });
  one_.reset();
  w_.settle();
  EXPECT_EQ("", b_.closed);
  w_.inside([&] { other_->pause(false); });
  w_.settle();
  EXPECT_EQ("last words", b_.heard);
  EXPECT_EQ("Unexpected end-of-file", b_.closed);
  EXPECT_TRUE(say(*other_, "nobody hears"));
}

TEST_F(a_pipe, tells_whoever_owns_an_end_by_then) {
  end c;
  say(*one_, "to the new owner");
  other_->redirect(c);
  w_.settle();
  EXPECT_EQ("to the new owner", c.heard);
  EXPECT_EQ("", b_.heard);
}

}  // namespace
}  // namespace aemp::service
