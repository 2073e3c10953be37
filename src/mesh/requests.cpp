#include "mesh/requests.hpp"

#include <algorithm>
#include <utility>

namespace aemp::mesh {

bool requests::add(const std::string& node, const message& m) {
  if (!next_.running() && !is_behind_(node)) {
    answer_now(node, m);
    if (spent_ > longest_turn) rest({});
    return true;
  }
  std::deque<message>& waits = waiting_[node];
  if (waits.size() >= most_waiting) return false;
  waits.push_back(m);
  if (!next_.running()) rest(look_interval);
  return true;
}

void requests::answer_now(const std::string& node, const message& m) {
  last_ = node;
  const core::time_point begin = worker_.clock().now();
  answer_(node, m);
  spent_ += worker_.clock().now() - begin;
}

// The pause is as long as the answers took, so that others have the worker half of the time. A timer counts
// from the beginning of the turn, so the time since then is added.
void requests::rest(core::duration least) {
  const core::duration since = worker_.clock().now() - worker_.now();
  const core::duration pause = std::max(least, std::exchange(spent_, core::duration::zero()));
  next_.start(worker_, since + pause, [this] { go_on(); });
}

void requests::go_on() {
  bool found = true;
  while (found && spent_ <= longest_turn) found = answer_next();
  if (!waiting_.empty()) rest(found ? core::duration::zero() : look_interval);
}

// Answers one request of the next peer in turn. False: nobody has asked, or all who have are behind.
bool requests::answer_next() {
  for (std::size_t n = waiting_.size(); n != 0; --n) {
    auto at = waiting_.upper_bound(last_);
    if (at == waiting_.end()) at = waiting_.begin();
    last_ = at->first;
    if (is_behind_(last_)) continue;
    const message m = std::move(at->second.front());
    at->second.pop_front();
    if (at->second.empty()) waiting_.erase(at);
    answer_now(std::string(last_), m);
    return true;
  }
  return false;
}

}  // namespace aemp::mesh
