#include "mesh/backlog.hpp"

#include <utility>

#include "data/weight.hpp"

namespace aemp::mesh {

std::size_t backlog::weight_of(const packet& p) {
  return sizeof(packet) + data::measure_of(p.content).weight + p.port.size();
}

bool backlog::add(packet p, const limits& l) {
  const std::size_t more = weight_of(p);
  if (packets_.size() >= l.max_queued_messages || bytes_ + more > l.max_queued) return false;
  bytes_ += more;
  packets_.push_back(std::move(p));
  return true;
}

std::deque<backlog::packet> backlog::take() noexcept {
  bytes_ = 0;
  return std::exchange(packets_, {});
}

}  // namespace aemp::mesh
