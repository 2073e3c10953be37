#include "mesh/requests.hpp"

#include <utility>

namespace aemp::mesh {

bool requests::add(const std::string& node, const message& m) {
  if (!next_.running()) {
    answer_now(node, m);
    if (spent_ > longest_turn) rest();
    return true;
  }
  std::deque<message>& waits = waiting_[node];
  if (waits.size() >= most_waiting) return false;
  waits.push_back(m);
  return true;
}

void requests::answer_now(const std::string& node, const message& m) {
  last_ = node;
  const core::time_point begin = worker_.clock().now();
  answer_(node, m);
  spent_ += worker_.clock().now() - begin;
}

// As long as has been answered, others have the worker. Timers count from the beginning of a turn.
void requests::rest() {
  const core::duration since = worker_.clock().now() - worker_.now();
  next_.start(worker_, since + std::exchange(spent_, core::duration::zero()), [this] { go_on(); });
}

void requests::go_on() {
  while (!waiting_.empty() && spent_ <= longest_turn) {
    auto at = waiting_.upper_bound(last_);
    if (at == waiting_.end()) at = waiting_.begin();
    const std::string node = at->first;
    const message m = std::move(at->second.front());
    at->second.pop_front();
    if (at->second.empty()) waiting_.erase(at);
    answer_now(node, m);
  }
  if (!waiting_.empty()) rest();
}

}  // namespace aemp::mesh
