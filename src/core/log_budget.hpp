// Keeps lines that other nodes, or a loop, can cause from filling the log. About each subject (a peer, a host, or a kind
// of event) some lines a minute are written; then one line says that the rest is left out, and when the minute is over,
// another says how many were left out. Remembers a bounded number of subjects.
//
// Any thread. Cost: a lock and a look-up; the text is made only if it is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <aemp/log.hpp>

#include "core/clock.hpp"
#include "core/guarded.hpp"

namespace aemp::core {

class log_budget {
 public:
  static constexpr unsigned lines = 10;  // for each subject and period
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
  struct book {
    std::unordered_map<std::string, account> accounts = {};
    time_point swept = {};
  };

  bool take(time_point now, int level, std::string_view subject);
  static void close_periods(book& of, time_point now);

  guarded<book> book_;
};

}  // namespace aemp::core
