// Keeps a host that knocks without end from filling the log: each remote host may cause a number of lines a
// minute, and then one more that says that the rest is left out. Remembers a bounded number of hosts.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.hpp"

namespace aemp::mesh {

class log_budget {
 public:
  static constexpr unsigned lines = 10;  // a host and minute
  static constexpr core::duration period = std::chrono::minutes(1);
  static constexpr std::size_t hosts = 1024;

  // Writes the text to the log, or leaves it out.
  void log(core::time_point now, const std::string& host, int level, std::string_view text);

 private:
  struct account {
    core::time_point since;
    unsigned spent = 0;
  };
  std::unordered_map<std::string, account> accounts_;
};

}  // namespace aemp::mesh
