// Time, as a worker is given it. A worker reads the clock once in each turn of its loop; everything else asks the
// worker. The default is the steady clock; the clock of sim/ moves only when it is told to.
#pragma once

#include <chrono>

namespace aemp::core {

using duration = std::chrono::nanoseconds;
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

// t + d, but not before `t`, and at most time_point::max(), which stands for never.
constexpr time_point later(time_point t, duration d) noexcept {
  if (d <= duration::zero()) return t;
  return d < time_point::max() - t ? t + d : time_point::max();
}

class clock {
 public:
  virtual ~clock() = default;
  virtual time_point now() const noexcept = 0;  // monotonic: for time-outs
  // Seconds since 1970: for people and the `time` node message.
  virtual double unix_time() const noexcept = 0;
  // Whether time moves only between the turns of a worker, when a test or the simulator moves it.
  virtual bool stands_still() const noexcept { return false; }
};

clock& steady_clock() noexcept;  // the machine's

}  // namespace aemp::core
