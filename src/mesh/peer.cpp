#include "mesh/peer.hpp"

#include <utility>

#include "data/weight.hpp"

namespace aemp::mesh {
std::size_t outbox::weight_of(const packet& p) {
  return sizeof(packet) + data::measure_of(p.content).weight + p.port.size();
}

bool outbox::add(packet p, const limits& l) {
  const std::size_t more = weight_of(p);
  if (packets_.size() >= l.max_queued_messages || bytes_ + more > l.max_queued) return false;
  bytes_ += more;
  packets_.push_back(std::move(p));
  return true;
}

std::deque<outbox::packet> outbox::take() noexcept {
  bytes_ = 0;
  return std::exchange(packets_, {});
}

void peer::put(const outbox::packet& p) {
  if (p.what == outbox::packet::kind::message) return up->send(p.port, p.content);
  up->send({}, kill_request(p.port, p.content, up->peer().key("mproto").has_value()));
}

}  // namespace aemp::mesh
