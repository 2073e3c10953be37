// Every message as a line, when it is sent and when it has arrived.
#include "core/trace.hpp"

#include "core/log_hook.hpp"
#include "core/world_test.hpp"

namespace aemp::core {
namespace {

class a_trace : public ::testing::Test {
 protected:
  a_trace() {
    set_log_sink([this](int level, std::string_view text) {
      if (level == 9) lines_.emplace_back(text);
    });
    set_trace(true);
  }
  ~a_trace() override {
    set_trace(false);
    set_log_sink({});
  }

  std::vector<std::string> lines_;
};

TEST_F(a_trace, shows_what_ports_send_and_get) {
  world w;
  port_id ponger, pinger;
  w.inside([&] {
    ponger = w.me.port("ping", [](port_id from, int n) { snd(from, "pong", n + 1); });
    pinger = w.me.port("pong", [](int) {});
  });
  w.settle();
  w.inside([&] { snd(ponger, "ping", pinger, 1); });
  w.settle();
  EXPECT_EQ((std::vector<std::string>{"SND " + ponger.str() + " ping " + pinger.str() + " 1",
                                      "RCV " + ponger.str() + " ping " + pinger.str() + " 1",
                                      "SND " + pinger.str() + " pong 2", "RCV " + pinger.str() + " pong 2"}),
            lines_);
}

TEST_F(a_trace, names_ports_as_they_are_known_and_the_node_port) {
  world w;
  w.inside([&] {
    w.me.rcv(*port_id::parse("here#log"), [] {});
    w.me.snd(*port_id::parse("here#log"), message("shared", 1));
    w.me.snd(*port_id::parse("here"), "devnull");
  });
  w.settle();
  EXPECT_EQ((std::vector<std::string>{"SND here#log shared 1", "SND here devnull", "RCV here#log shared 1",
                                      "RCV here devnull"}),
            lines_);
}

TEST_F(a_trace, stays_on_one_line_of_a_readable_length) {
  world w;
  w.inside([&] {
    const port_id p = w.me.port([] {});
    w.me.snd(p, "two\nlines " + std::string(1000, 'x'));
  });
  ASSERT_EQ(1u, lines_.size());
  EXPECT_LT(lines_[0].size(), 510u);
  EXPECT_NE(std::string::npos, lines_[0].find("two lines x")) << lines_[0];
  EXPECT_TRUE(lines_[0].ends_with("x…")) << lines_[0];
}

TEST_F(a_trace, begins_and_ends_while_the_node_runs_and_is_for_the_sink_alone) {
  std::vector<std::string> hooked;
  const log_hook hook(9, [&](int, std::string_view text) { hooked.emplace_back(text); });
  world w;
  port_id p;
  set_trace(false);
  w.inside([&] {
    p = w.me.port([] {});
    snd(p, "unseen");
  });
  w.settle();
  EXPECT_EQ(0u, lines_.size());
  set_trace(true);
  w.settle();
  w.inside([&] { snd(p, "seen"); });
  w.settle();
  EXPECT_EQ(2u, lines_.size());
  EXPECT_EQ(0u, hooked.size());
}

TEST(the_wish_for_a_trace, may_be_a_no) {
  for (const char* no : {"", "0", "false", "False", "NO", "no", "off"}) EXPECT_FALSE(means_on(no)) << no;
  for (const char* yes : {"1", "true", "yes", "on", "2", "nothing"}) EXPECT_TRUE(means_on(yes)) << yes;
}

}  // namespace
}  // namespace aemp::core
