// How many log lines one catcher may be sent: a store that a flood empties, and that fills again with time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/clock.hpp"

namespace aemp::service {

class line_allowance {
 public:
  static constexpr double at_once = 1000, per_second = 200;

  explicit line_allowance(core::time_point now) : since_(now) {}

  // Whether one more line may be sent now. If not, it counts as left out.
  bool take(core::time_point now) {
    const std::chrono::duration<double> passed = now - since_;
    left_ = std::min(at_once, left_ + passed.count() * per_second);
    since_ = now;
    if (left_ < 1) return ++left_out_, false;
    left_ -= 1;
    return true;
  }
  // The number of lines left out since the last call.
  std::uint64_t take_left_out() { return std::exchange(left_out_, 0); }

 private:
  core::time_point since_;
  double left_ = at_once;
  std::uint64_t left_out_ = 0;
};

}  // namespace aemp::service
