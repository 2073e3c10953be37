#include "mesh/log_budget.hpp"

#include <aemp/log.hpp>

namespace aemp::mesh {

void log_budget::log(core::time_point now, const std::string& host, int level, std::string_view text) {
  if (!log_enabled(level)) return;
  // Whoever has so many addresses gets fresh accounts now and then, still a bounded number of lines.
  if (accounts_.size() >= hosts && !accounts_.contains(host)) {
    std::erase_if(accounts_, [&](const auto& entry) { return now - entry.second.since >= period; });
    if (accounts_.size() >= hosts) return;
  }
  account& a = accounts_.try_emplace(host, account{now, 0}).first->second;
  if (now - a.since >= period) a = {now, 0};
  if (a.spent > lines) return;
  if (a.spent++ < lines) return aemp::log(level, text);
  aemp::log(level, "what else happens with " + host + " within this minute is not logged");
}

}  // namespace aemp::mesh
