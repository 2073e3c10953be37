// Whether a worker searches for work for a while before it sleeps. A search that finds nothing costs CPU time, so after one
// a worker searches again only when some sleeps were so short that a search would have replaced them. One thread.
#pragma once

#include <algorithm>

#include "core/clock.hpp"

namespace aemp::core {

class spin {
 public:
  // Zero: never.
  void set_limit(duration limit) noexcept { limit_ = limit; }
  duration limit() const noexcept { return limit_; }

  bool enabled() const noexcept { return limit_ > duration::zero(); }
  bool pays() const noexcept { return enabled() && credit_ >= 0; }

  void searched(bool found) noexcept { credit_ = found ? 0 : -price_; }
  void slept(duration time) noexcept {
    if (time < limit_ && credit_ < 0) ++credit_;
  }

 private:
  static constexpr int price_ = 16;  // short sleeps that a search in vain costs

  duration limit_ = duration::zero();
  int credit_ = -1;
};

}  // namespace aemp::core
