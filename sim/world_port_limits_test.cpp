// Ports with limits across a network, in virtual time: senders on two nodes that ask for room never overrun a slow port,
// whatever the network does; and a question is never answered before what was sent in front of it.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

class limits_across_the_network : public testing::TestWithParam<unsigned> {
 protected:
  limits_across_the_network() {
    set_log_sink([this](int level, std::string_view line) {
      if (level <= 2 && line.find("refuses") != line.npos) note(std::string(line));
    });
  }
  ~limits_across_the_network() override { set_log_sink({}); }

  // The sink takes a message each `pause`.
  void open_sink(std::size_t limit, std::chrono::milliseconds pause) {
    sink = a.spawn([this, limit, pause]() -> task<> {
      set_limits(self(), {.messages = limit});
      for (;;) {
        (void)co_await receive<std::string>("data");
        ++got;
        co_await sleep_for(pause);
      }
    });
  }
  void open_sender(node& on, int messages, std::size_t size) {
    on.spawn([this, messages, size]() -> task<> {
      for (int sent = 0; sent < messages;) {
        for (std::size_t n = co_await drained(sink); n != 0 && sent < messages; --n, ++sent)
          snd(sink, "data", std::string(size, 'x'));
      }
      co_await drained(sink);
      note("done");
    });
  }
  void note(const std::string& text) { notes += text + " "; }

  world w{GetParam()};
  node& a = w.make_node("alpha", {.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {}, .workers = 2});
  node& b =
      w.make_node("beta", {.nodeid = "beta", .binds = {"beta:4040"}, .seeds = {"alpha:4040"}, .workers = 2});
  node& c = w.make_node("gamma", {.nodeid = "gamma", .binds = {"gamma:4040"}, .seeds = {"alpha:4040"}});
  port_id sink;
  int got = 0;
  std::string notes;
};

TEST_P(limits_across_the_network, are_never_reached_by_those_who_ask) {
  open_sink(1 + GetParam() % 20, 1ms);
  for (int i = 0; i < 3; ++i) {
    open_sender(b, 30, 10);
    open_sender(c, 30, 10);
  }
  ASSERT_TRUE(w.run_until([&] { return got == 180 && notes.size() >= 6 * 5; }, 1h)) << notes << got;
  EXPECT_EQ(notes, "done done done done done done ");
}

TEST_P(limits_across_the_network, hold_for_large_messages_that_small_ones_could_pass) {
  open_sink(4, 0ms);
  open_sender(b, 10, 400'000);
  ASSERT_TRUE(w.run_until([&] { return got == 10 && !notes.empty(); }, 1h)) << got;
  EXPECT_EQ(notes, "done ");
}

TEST_P(limits_across_the_network, are_told_of_and_a_lost_node_too) {
  open_sink(2, 1h);
  b.spawn([this]() -> task<> {
    when_overloaded(sink, [this](std::size_t dropped) { note("overloaded " + std::to_string(dropped)); });
    co_await sleep_for(10s);
    snd(sink, "data", "1");  // taken at once
    co_await sleep_for(10s);
    for (int i = 0; i < 3; ++i) snd(sink, "data", "2");
    co_await sleep_for(10s);
    try {
      co_await drained(sink);
    } catch (const failure& f) {
      note(f.reason());
    }
  });
  w.run_for(1min);
  w.kill(a);
  ASSERT_TRUE(w.run_until([&] { return notes.ends_with("transport_error "); }, 1h)) << notes;
  EXPECT_NE(notes.find("overloaded 1 "), notes.npos) << notes;
}

INSTANTIATE_TEST_SUITE_P(seeds, limits_across_the_network, testing::Range(0u, 40u));

}  // namespace
}  // namespace aemp::sim
