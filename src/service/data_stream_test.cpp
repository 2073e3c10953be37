// A data connection over a stream that does what a test wants: with a Perl node, whose bytes are bare; with a
// node that speaks in frames; and with exceptions where the network enters.
#include "service/data_stream.hpp"

#include <gtest/gtest.h>

#include "core/world_test.hpp"
#include "net/net_error.hpp"
#include "service/data_hub.hpp"

namespace aemp::service {
namespace {

using namespace std::chrono_literals;

struct line {
  net::stream_events* events = nullptr;
  std::string written, last_words;
  std::size_t unconfirmed = 0;
  bool finished = false, gone = false, faulty = false, paused = false;
};

class fake_stream final : public net::stream {
 public:
  explicit fake_stream(line& l) : it_(l) {}
  ~fake_stream() override {
    it_.gone = true;
    it_.events = nullptr;
  }
  void start(net::stream_events& events) override { it_.events = &events; }
  void redirect(net::stream_events& events) override { it_.events = &events; }
  bool write(std::string& bytes) override {
    if (it_.faulty) throw std::runtime_error("cannot write");
    it_.written += bytes;
    bytes.clear();
    return true;
  }
  void start_tls(net::tls_role, const net::tls_settings&, std::string_view) override {}
  void pause(bool on) override {
    if (it_.faulty) throw std::runtime_error("cannot pause");
    it_.paused = on;
  }
  std::size_t unconfirmed() const override { return it_.unconfirmed; }
  void finish(std::string bytes) override {
    it_.last_words = std::move(bytes);
    it_.finished = true;
  }
  net::endpoint local() const override { return {}; }
  net::endpoint remote() const override { return {}; }

 private:
  line& it_;
};

class a_data_stream : public ::testing::Test {
 protected:
  a_data_stream() { w_.core().extend(std::make_unique<data_hub>(w_.core())); }
  ~a_data_stream() override {
    c_ = {};
    w_.destroy();
  }

  // In a port, which writes down what comes.
  void begin(bool framed) {
    port_ = w_.me.port([] {});
    w_.settle();
    w_.inside([&] {
      auto* stream = new data_stream(w_.core(), 0, *w_.core().names().resolve(port_), "other", false,
                                     std::make_shared<data_account>(4'000'000));
      c_ = data_connection(stream);
      ASSERT_TRUE(w_.worker_at().ports().own(*w_.core().names().resolve(port_), *stream));
      stream->connect({std::make_unique<fake_stream>(line_), {}, {}, false, framed, 10s, 30s});
    });
    c_.listen({.data = [this](std::string_view bytes) { heard_ += bytes; },
               .closed = [this](const std::string& why) { closed_ += why + ";"; },
               .drained = {}});
    w_.settle();
  }
  void close() {
    c_.close([this](const std::string& why) { closed_ += "done:" + why + ";"; });
    w_.settle();
  }
  void says(std::string_view bytes) {
    w_.inside([&] { line_.events->on_data(bytes); });
    w_.settle();
  }
  void ends(const std::string& why = net::end_of_file) {
    w_.inside([&] { line_.events->on_closed(why); });
    w_.settle();
  }

  core::world w_;
  core::log_capture log_;
  line line_;
  port_id port_;
  data_connection c_;
  std::string heard_, closed_;
};

TEST_F(a_data_stream, without_frames_carries_bare_bytes_and_believes_an_orderly_end) {
  begin(false);
  c_.write("to you");
  w_.settle();
  EXPECT_EQ("to you", line_.written);
  says("to me");
  ends();
  EXPECT_EQ("to me", heard_);
  EXPECT_EQ(";", closed_);
}

TEST_F(a_data_stream, does_not_read_while_enough_waits_for_its_port) {
  begin(false);
  const std::string half(data_connection::enough / 2, 'x');
  w_.inside([&] { line_.events->on_data(half); });
  EXPECT_FALSE(line_.paused);
  w_.inside([&] { line_.events->on_data(half); });
  EXPECT_TRUE(line_.paused);
  w_.settle();
  EXPECT_FALSE(line_.paused);
  EXPECT_EQ(data_connection::enough, heard_.size());
}

TEST_F(a_data_stream, without_frames_tells_an_end_that_nobody_said_as_an_error) {
  begin(false);
  ends(net::end_without_notify);
  EXPECT_EQ("broken: Unexpected end-of-file inside TLS, without close_notify: something may be missing;",
            closed_);
}

TEST_F(a_data_stream, without_frames_is_closed_when_the_other_host_has_confirmed_all) {
  begin(false);
  line_.unconfirmed = 7;
  c_.write("to you!");
  close();
  w_.pass(1s);
  EXPECT_FALSE(line_.finished);
  EXPECT_EQ("", closed_);
  line_.unconfirmed = 0;
  w_.pass(1s);
  EXPECT_TRUE(line_.finished);
  EXPECT_EQ("done:;", closed_);
}

TEST_F(a_data_stream, without_frames_does_not_wait_for_ever_for_the_other_host) {
  begin(false);
  line_.unconfirmed = 7;
  c_.write("to you!");
  close();
  w_.pass(31s);
  EXPECT_TRUE(line_.gone);
  EXPECT_TRUE(closed_.starts_with("done:timed_out: ")) << closed_;
}

TEST_F(a_data_stream, with_frames_takes_an_end_that_was_not_said_for_an_error) {
  begin(true);
  says(std::string("\0\2\0\0hi", 6));
  EXPECT_EQ("hi", heard_);
  ends();
  EXPECT_TRUE(closed_.starts_with("ended_early: ")) << closed_;
}

TEST_F(a_data_stream, with_frames_answers_an_end_and_then_ends) {
  begin(true);
  says(std::string("\0\2\0\0hi\1\0\0\0", 10));
  EXPECT_EQ("hi", heard_);
  EXPECT_EQ(";", closed_);
  EXPECT_EQ(std::string("\2\0\0\0", 4), line_.last_words);
}

TEST_F(a_data_stream, with_frames_ends_when_they_make_no_sense) {
  for (const std::string& bytes : {std::string("\7\0\0\0", 4), std::string("\2\0\0\0", 4),
                                   std::string("\1\0\0\0\0\1\0\0x", 9), std::string("\1\0\0\0\1\0\0\0", 8)}) {
    closed_.clear();
    line_ = {};
    begin(true);
    says(bytes);
    EXPECT_TRUE(line_.gone);
    if (bytes[0] == '\1') continue;  // the port has the end already
    EXPECT_TRUE(closed_.starts_with("bad_data_frame: ")) << closed_;
  }
}

TEST_F(a_data_stream, ends_alone_by_an_exception_where_the_network_enters) {
  for (const bool in_a_write : {true, false}) {
    closed_.clear();
    line_ = {};
    begin(true);
    line_.faulty = true;
    in_a_write ? (void)c_.write("to you") : says(std::string("\0\0\4\0", 4) + std::string(1024, 'x'));
    if (!in_a_write) c_.pause(true);
    w_.settle();
    EXPECT_TRUE(closed_.starts_with("internal_error: ")) << closed_;
    EXPECT_TRUE(line_.gone);
    EXPECT_FALSE(log_.at(1, "internal_error: exception in a data connection").empty());
  }
}

}  // namespace
}  // namespace aemp::service
