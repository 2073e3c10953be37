// Coroutines across a network, in virtual time: calls, deaths and waits between two nodes, and what is left of them when
// the connection is lost or the other node dies.
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

task<> break_it(port_id p) {
  snd(p, "break");
  co_return;
}

// Beta's coroutine talks to alpha's counter, which is one, too. With two workers each.
class world_of_coroutines : public testing::TestWithParam<unsigned> {
 protected:
  world_of_coroutines() {
    set_log_sink([](int, std::string_view) {});
    a.define("counter", [](port_id monitor) -> task<> {
      mon(monitor, self());
      for (int n = 0;;) {
        co_await receive(on("add", [&](int by) { n += by; }),
                         on("get", [&](const port_id& reply_to) { snd(reply_to, n); }),
                         on("break", [] { throw std::runtime_error("broken"); }));
      }
    });
  }
  ~world_of_coroutines() override { set_log_sink({}); }

  config with(config c) {
    c.workers = 2;
    return c;
  }
  void note(std::string text) { notes += text + " "; }

  world w{GetParam()};
  node& a = w.make_node("alpha", with({.nodeid = "alpha", .binds = {"alpha:4040"}, .seeds = {}}));
  node& b = w.make_node("beta", with({.nodeid = "beta", .binds = {"beta:4040"}, .seeds = {"alpha:4040"}}));
  std::string notes;
};

TEST_P(world_of_coroutines, talk_across_the_network_and_see_each_other_die) {
  b.spawn([this]() -> task<> {
    const port_id counter = spawn("alpha", "counter", self());
    snd(counter, "add", 3);
    snd(counter, "add", 4);
    note(std::to_string(co_await cal(counter, "get").as<int>()));
    auto both = co_await all(death_of(counter), break_it(counter));  // watched before it breaks
    note(std::get<0>(both)[1].to_string());
    try {
      co_await cal(counter, "get");
    } catch (const failure& f) {
      note(f.reason());
    }
  });
  ASSERT_TRUE(w.run_until([&] { return notes == "7 broken no_such_port "; }, 60s)) << notes;
}

TEST_P(world_of_coroutines, fail_by_name_when_the_connection_is_cut) {
  b.spawn([this]() -> task<> {
    const port_id counter = spawn("alpha", "counter", self());
    co_await cal(counter, "get");
    note("up");
    try {
      co_await all(cal(counter, "nobody answers this"), receive("never"));
    } catch (const failure& f) {
      note(f.reason());
    }
    auto waited = co_await any(receive("never"), sleep_for(1h));
    note(std::to_string(waited.index()));
  });
  ASSERT_TRUE(w.run_until([&] { return notes == "up "; }, 60s)) << notes;
  w.cut("alpha", "beta");
  ASSERT_TRUE(w.run_until([&] { return notes == "up transport_error 1 "; }, 2h)) << notes;
}

TEST_P(world_of_coroutines, end_with_a_node_that_is_killed) {
  b.spawn([this]() -> task<> {
    const port_id counter = spawn("alpha", "counter", self());
    co_await cal(counter, "get");
    note("up");
    note((co_await death_of(counter)).tag());
  });
  ASSERT_TRUE(w.run_until([&] { return notes == "up "; }, 60s)) << notes;
  w.kill(a);
  ASSERT_TRUE(w.run_until([&] { return notes == "up transport_error "; }, 1h)) << notes;
}

INSTANTIATE_TEST_SUITE_P(seeds, world_of_coroutines, testing::Range(0u, 50u));

}  // namespace
}  // namespace aemp::sim
