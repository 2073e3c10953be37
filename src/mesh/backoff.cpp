#include "mesh/backoff.hpp"

#include <algorithm>

namespace aemp::mesh {

void backoff::lost(const std::string& node, core::time_point up_since, core::time_point now) {
  forget_the_old(now);
  entry& e = nodes_[node];
  const bool young = now - up_since < settings_.monitor_timeout;
  e.died_young = young ? e.died_young + 1 : 0;
  e.until = now + wait_after(e.died_young);
}

// The wait is at most a third of monitor_timeout, because a wish to connect lasts no longer than
// monitor_timeout.
core::duration backoff::wait_after(unsigned died_young) {
  const core::duration longest = settings_.monitor_timeout / 3;
  core::duration wait = std::min(settings_.connect_interval, longest);
  if (died_young < 2) return chance_.up_to(wait);
  for (unsigned i = 1; i < died_young && wait < longest; ++i) wait = std::min(wait * 2, longest);
  return wait / 2 + chance_.up_to(wait / 2);
}

core::duration backoff::wait_for(const std::string& node, core::time_point now) const {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return {};
  return std::max(found->second.until - now, core::duration(0));
}

// A node starts afresh if it has not been lost again for twice monitor_timeout after its wait was over.
void backoff::forget_the_old(core::time_point now) {
  std::erase_if(nodes_,
                [&](const auto& one) { return one.second.until + 2 * settings_.monitor_timeout < now; });
}

}  // namespace aemp::mesh
