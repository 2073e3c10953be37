#include "tests/live_node.hpp"

#include <algorithm>

namespace aemp::testing {

log_watch::log_watch() {
  set_log_sink([this](int, std::string_view text) {
    std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
    changed_.notify_all();
  });
}

log_watch::~log_watch() { set_log_sink({}); }

std::string log_watch::wait_for(std::string_view part) {
  std::unique_lock lock(mutex_);
  std::string found;
  changed_.wait_for(lock, std::chrono::seconds(10), [&] {
    auto line = std::find_if(lines_.begin(), lines_.end(),
                             [&](const std::string& l) { return l.find(part) != l.npos; });
    if (line != lines_.end()) found = *line;
    return !found.empty();
  });
  return found;
}

}  // namespace aemp::testing
