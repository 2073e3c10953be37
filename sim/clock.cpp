#include "sim/clock.hpp"

#include <algorithm>

namespace aemp::sim {

double clock::unix_time() const noexcept {
  constexpr double begins = 1e9;
  return begins + std::chrono::duration<double>(elapsed()).count();
}

void clock::advance_to(core::time_point moment) noexcept { now_ = std::max(now_, moment); }

}  // namespace aemp::sim
