#include "core/log_budget.hpp"

namespace aemp::core {

// Whoever has so many addresses, or names, gets fresh accounts now and then, still a bounded number of lines.
bool log_budget::take(time_point now, int level, std::string_view subject) {
  const std::lock_guard lock(mutex_);
  if (now - swept_ >= period / 60) close_periods(now);
  auto found = accounts_.find(std::string(subject));
  if (found == accounts_.end()) {
    if (accounts_.size() >= subjects) return false;
    found = accounts_.emplace(std::string(subject), account{now}).first;
  }
  account& a = found->second;
  a.level = level;
  if (a.spent++ < lines) return true;
  if (a.left_out++ == 0)
    aemp::log(level, std::string(subject) + ": more lines about this are left out for up to a minute");
  return false;
}

void log_budget::close_periods(time_point now) {
  swept_ = now;
  for (auto a = accounts_.begin(); a != accounts_.end();) {
    if (now - a->second.since < period) {
      ++a;
      continue;
    }
    if (a->second.left_out != 0) {
      aemp::log(a->second.level,
                a->first + ": " + std::to_string(a->second.left_out) + " lines about this were left out");
    }
    a = accounts_.erase(a);
  }
}

}  // namespace aemp::core
