// Keeps what others can cause, and loops can, from filling the log: about each subject so many lines a minute
// are written, then one that says that the rest is left out, and when the minute is over, how many it were. A
// subject is a peer, a host, or a kind of event. Remembers a bounded number of subjects.
//
// Any thread. Cost: a lock and a look-up, and the text is made only if it is written.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <aemp/log.hpp>

#include "core/clock.hpp"

namespace aemp::core {

class log_budget {
 public:
  static constexpr unsigned lines = 10;  // a subject and period
  static constexpr duration period = std::chrono::minutes(1);
  static constexpr std::size_t subjects = 1024;

  // Writes what text() returns, or leaves it out.
  template <class F>
  void log(time_point now, int level, std::string_view subject, F&& text) {
    if (log_enabled(level) && take(now, level, subject)) aemp::log(level, text());
  }

 private:
  struct account {
    time_point since;
    unsigned spent = 0;
    std::uint64_t left_out = 0;
    int level = 0;
  };
  using accounts = std::unordered_map<std::string, account>;

  bool take(time_point now, int level, std::string_view subject);
  void close_periods(time_point now);

  std::mutex mutex_;
  accounts accounts_;
  time_point swept_{};
};

}  // namespace aemp::core
