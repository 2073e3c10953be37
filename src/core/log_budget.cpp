#include "core/log_budget.hpp"

namespace aemp::core {

// A peer with many addresses or names can open a new account for each of them. There are never more than `subjects`
// accounts, so the number of its lines is bounded, too.
bool log_budget::take(time_point now, int level, std::string_view subject) {
  const auto book = book_.lock();
  if (now - book->swept >= period / 60) close_periods(*book, now);
  auto& accounts = book->accounts;
  auto found = accounts.find(std::string(subject));
  if (found == accounts.end()) {
    if (accounts.size() >= subjects) return false;
    found = accounts.emplace(std::string(subject), account{now}).first;
  }
  account& a = found->second;
  a.level = level;
  if (a.spent++ < lines) return true;
  if (a.left_out++ == 0)
    aemp::log(level, std::string(subject) + ": more lines about this are left out for up to a minute");
  return false;
}

void log_budget::close_periods(book& of, time_point now) {
  of.swept = now;
  for (auto a = of.accounts.begin(); a != of.accounts.end();) {
    if (now - a->second.since < period) {
      ++a;
      continue;
    }
    if (a->second.left_out != 0) {
      aemp::log(a->second.level,
                a->first + ": " + std::to_string(a->second.left_out) + " lines about this were left out");
    }
    a = of.accounts.erase(a);
  }
}

}  // namespace aemp::core
