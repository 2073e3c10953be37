// Time, as it is passed in. A worker reads the clock once per turn of its loop; everything else asks the
// worker. The default is the steady clock; sim/ has one that only moves when told to.
#pragma once

#include <chrono>

namespace aemp::core {

using duration = std::chrono::nanoseconds;
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

// So much later; at most the last moment that there is, which is never, and at least `t`.
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
  // Whether time only moves between the turns of a worker, when somebody makes it.
  virtual bool stands_still() const noexcept { return false; }
};

clock& steady_clock() noexcept;  // the machine's

}  // namespace aemp::core
