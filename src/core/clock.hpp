// Time, as it is passed in. A worker reads the clock once per turn of its loop; everything else asks the
// worker. The default is the steady clock; sim/ has one that only moves when told to.
#pragma once

#include <chrono>

namespace aemp::core {

using duration = std::chrono::nanoseconds;
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

class clock {
 public:
  virtual ~clock() = default;
  virtual time_point now() const noexcept = 0;  // monotonic: for time-outs
  virtual double unix_time()
      const noexcept = 0;  // seconds since 1970: for people and the `time` node message
};

clock& steady_clock() noexcept;  // the machine's

}  // namespace aemp::core
