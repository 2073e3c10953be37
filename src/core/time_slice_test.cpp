// That whoever works looks at the network and the clock now and then, however long handlers take.
#include "core/time_slice.hpp"

#include <gtest/gtest.h>

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

// Notes how many handlers have run since the last look.
class noting_poller final : public poller {
 public:
  noting_poller(std::atomic<int>& handled, int& most)
      : handled_(handled), most_(most), sleeper_(make_condition_poller()) {}
  bool poll() override {
    most_ = std::max(most_, handled_.exchange(0));
    return sleeper_->poll();
  }
  void wait(std::optional<time_point> until) override {
    handled_ = 0;
    sleeper_->wait(until);
  }
  void wake() noexcept override { sleeper_->wake(); }

 private:
  std::atomic<int>& handled_;
  int& most_;
  std::unique_ptr<poller> sleeper_;
};

void work_for(duration d) {
  const time_point end = steady_clock().now() + d;
  while (steady_clock().now() < end) continue;
}

// The most handlers of such a length that ran between two looks at the network.
int most_between_looks(duration each, int messages) {
  const watchdog dog;
  std::atomic<int> handled = 0;
  int most = 0;
  node_settings s;
  s.node_id = "here";
  s.uniq = "u";
  s.crew.clock = &steady_clock();
  s.crew.make_poller = [&](unsigned, bool) { return std::make_unique<noting_poller>(handled, most); };
  detail::local_node core(std::move(s));
  node_functions me(core);
  int left = messages;
  const port_id p = me.port("work", [&] {
    work_for(each);
    ++handled;
    if (--left == 0) core.stop(0);
  });
  for (int i = 0; i < messages; ++i) me.snd(p, "work");
  core.run();
  return most;
}

TEST(a_turn, of_long_handlers_looks_at_the_network_within_some_ten_milliseconds) {
  const int most = most_between_looks(4ms, 60);
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 4) << "handlers of 4 ms in a row";
}

TEST(a_turn, of_handlers_that_take_next_to_nothing_is_bounded_by_time_as_well) {
  EXPECT_LE(most_between_looks(100us, 1000), 120) << "handlers of 0.1 ms in a row";
}

TEST(a_turn, is_not_cut_into_pieces_where_handlers_are_cheap) {
  EXPECT_GE(most_between_looks(0us, 20'000), 200);
}

}  // namespace
}  // namespace aemp::core
