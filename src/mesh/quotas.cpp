#include "mesh/quotas.hpp"

#include <utility>

namespace aemp::mesh {

bool quotas::add_waiting(peer& p, backlog::packet packet) {
  const std::size_t before = p.waiting.bytes();
  const bool added = p.waiting.add(std::move(packet), settings_.limits);
  waiting_ += p.waiting.bytes() - before;
  p.unsent.store(p.waiting.bytes(), std::memory_order_relaxed);
  return added && waiting_ <= settings_.limits.max_queued_total;
}

void quotas::forget_waiting(peer& p) {
  waiting_ -= p.waiting.bytes();
  for (const auto& [who, bytes] : std::exchange(p.wished_by, {})) {
    const auto found = wishes_.find(who);
    found->second.bytes -= bytes;
    if (--found->second.nodes == 0) wishes_.erase(found);
  }
}

bool quotas::may_wish(const std::string& from, const peer* known, std::size_t bytes) const {
  const auto found = wishes_.find(from);
  const account has = found == wishes_.end() ? account() : found->second;
  const bool is_new = known == nullptr || !known->wished_by.contains(from);
  return has.nodes + is_new <= settings_.limits.max_wishes &&
         has.bytes + bytes <= settings_.limits.max_wished;
}

void quotas::add_wish(const std::string& from, peer& p, std::size_t bytes) {
  account& a = wishes_[from];
  a.nodes += !p.wished_by.contains(from);
  a.bytes += bytes;
  p.wished_by[from] += bytes;
}

}  // namespace aemp::mesh
