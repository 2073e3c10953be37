// How long handlers may run in one turn of a worker, before it is time for timers and the network again. The limit is a
// time, not a count, because handlers take any time.
//
// After each lot of handlers the worker asks how many may follow: one where handlers take long, up to eight where they
// are cheap. Reading the clock each time would cost as much as a cheap handler, so the CPU's time-stamp counter is read,
// and the clock only when the counter has advanced by about a millisecond. The exact frequency of the counter does not
// matter. One thread.
#pragma once

#include <algorithm>
#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

#include "core/clock.hpp"

namespace aemp::core {

class time_slice {
 public:
  static constexpr unsigned most_at_once = 8;

  // With a clock that stands still while the worker works (a simulation), no slice is ever over, so that nothing depends
  // on how fast the machine is.
  explicit time_slice(const clock& time) noexcept : clock_(time), endless_(time.stands_still()) {}

  void begin(time_point now, duration length) noexcept {
    end_ = later(now, length);
    looked_ = ticks();
  }

  // How many handlers may run before the next question. Zero: the slice is over, and stays so.
  unsigned allowance() noexcept {
    const std::uint64_t now = ticks();
    if (now - looked_ >= about_a_millisecond && is_over(now)) [[unlikely]]
      return 0;
    const bool slow = now - asked_ >= slow_lot && !endless_;
    lot_ = slow ? 1 : std::min(2 * lot_, most_at_once);
    asked_ = now;
    return lot_;
  }
  bool over() noexcept { return allowance() == 0; }

 private:
#if defined(__x86_64__) || defined(__i386__)
  static constexpr std::uint64_t about_a_millisecond = 2'000'000;  // 0.4 to 1 ms at 2 to 5 GHz
  static std::uint64_t ticks() noexcept { return __rdtsc(); }
#else
  static constexpr std::uint64_t about_a_millisecond = 0;
  std::uint64_t ticks() const noexcept {
    return static_cast<std::uint64_t>(2 * clock_.now().time_since_epoch().count());
  }
#endif
  static constexpr std::uint64_t slow_lot = 200'000;

  [[gnu::noinline]] bool is_over(std::uint64_t now) noexcept {
    if (!endless_ && clock_.now() >= end_) return true;  // and look again the next time
    looked_ = now;
    return false;
  }

  const clock& clock_;
  const bool endless_;
  time_point end_ = time_point::max();
  std::uint64_t looked_ = 0;  // at the clock
  std::uint64_t asked_ = 0;   // the last time, also in the slice before
  unsigned lot_ = 1;
};

}  // namespace aemp::core
