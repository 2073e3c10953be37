// How long one part of a worker's turn may go on: handlers until it is time for timers and the network again,
// the network until it is time for handlers. It is a matter of time, not of counts, because nobody knows how
// long a handler takes.
//
// over() is asked after each handler or so, and reading the clock there would cost as much as a cheap
// handler. So it looks at a counter of the CPU first, and at the clock only when that has moved on by what is
// about a millisecond; how fast the counter counts does not matter much. One thread.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

#include "core/clock.hpp"

namespace aemp::core {

class time_slice {
 public:
  // Of a clock that stands still while the worker works, no slice is ever over.
  explicit time_slice(const clock& time) noexcept : clock_(time), endless_(time.stands_still()) {}

  void begin(time_point now, duration length) noexcept {
    end_ = later(now, length);
    looked_ = ticks();
  }

  // Once it is, it stays so.
  bool over() noexcept {
    const std::uint64_t now = ticks();
    if (now - looked_ < about_a_millisecond) [[likely]]
      return false;
    return look(now);
  }

 private:
#if defined(__x86_64__) || defined(__i386__)
  static constexpr std::uint64_t about_a_millisecond = 2'000'000;  // 0.4 to 1 ms at 2 to 5 GHz
  static std::uint64_t ticks() noexcept { return __rdtsc(); }
#else
  static constexpr std::uint64_t about_a_millisecond = 0;
  static std::uint64_t ticks() noexcept { return 0; }
#endif

  [[gnu::noinline]] bool look(std::uint64_t now) noexcept {
    if (!endless_ && clock_.now() >= end_) return true;  // and look again the next time
    looked_ = now;
    return false;
  }

  const clock& clock_;
  const bool endless_;
  time_point end_ = time_point::max();
  std::uint64_t looked_ = 0;
};

}  // namespace aemp::core
