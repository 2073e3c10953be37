#include "core/memory_gate.hpp"

#include <aemp/unsendable.hpp>

namespace aemp::core {

// A wake may be missed, as the counters change without the lock; so nobody sleeps for long.
void memory_gate::pass(const std::string& node) {
  if (has_room()) return;
  std::unique_lock lock(mutex_);
  waiting_.fetch_add(1, std::memory_order_relaxed);
  while (blocks_ && running_ && !has_room()) changed_.wait_for(lock, std::chrono::milliseconds(10));
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  if (has_room()) return;
  throw unsendable({"memory_full", "snd: about " + std::to_string(all()) +
                                       " bytes wait in the queues of node " + node +
                                       ", and memory_limit is " + std::to_string(limit_) +
                                       "; send again when its workers have caught up"});
}

void memory_gate::set_running(bool running) {
  const std::lock_guard lock(mutex_);
  running_ = running;
  changed_.notify_all();
}

void memory_gate::look() {
  if (waiting_.load(std::memory_order_relaxed) == 0 || !has_room()) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

}  // namespace aemp::core
