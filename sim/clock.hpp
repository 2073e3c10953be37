// A clock that moves only when told. It begins at 1000 s, so that no event is mistaken for "never"; its
// calendar begins at 2001-09-09 01:46:40 UTC.
#pragma once

#include "core/clock.hpp"

namespace aemp::sim {

class clock final : public core::clock {
 public:
  core::time_point now() const noexcept override { return now_; }
  double unix_time() const noexcept override;
  bool stands_still() const noexcept override { return true; }

  // Time since the beginning.
  core::duration elapsed() const noexcept { return now_ - beginning; }

  // Never goes back: a moment in the past changes nothing.
  void advance_to(core::time_point moment) noexcept;
  void advance(core::duration d) noexcept { advance_to(now_ + d); }

 private:
  static constexpr core::time_point beginning{std::chrono::seconds(1000)};

  core::time_point now_ = beginning;
};

}  // namespace aemp::sim
