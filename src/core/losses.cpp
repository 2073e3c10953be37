#include "core/losses.hpp"

#include <utility>

namespace aemp::core {

bulletin::bulletin(epoch when, unsigned workers) {
  for (unsigned i = 0; i < workers; ++i) parts_.push_back(std::make_unique<loss_news>(loss_news{when}));
}

void bulletin::add(detail::owned& to, const message& content) {
  detail::retain(&to);
  parts_[to.worker]->items.push_back({handle(&to), &to, content});
}

void bulletin::move_all(owned_list& from, const message& content) {
  while (detail::owned* o = from.pop()) {
    add(*o, content);
    detail::release(o);
  }
}

epoch losses::begin(std::string_view node, std::string_view port, const message& reason) {
  to_hear_.emplace(++latest_, workers_);
  auto found = by_node_.find(node);
  if (found == by_node_.end()) found = by_node_.emplace(std::string(node), node_losses()).first;
  if (port.empty()) {
    found->second.whole = {latest_, reason};
  } else {
    found->second.ports.insert_or_assign(std::string(port), loss{latest_, reason});
  }
  return latest_;
}

const message* losses::find_since(epoch heard, std::string_view node, std::string_view port) const {
  const auto found = by_node_.find(node);
  if (found == by_node_.end()) return nullptr;
  const node_losses& of = found->second;
  if (heard < of.whole.when) return &of.whole.reason;
  const auto at = of.ports.find(port);
  return at != of.ports.end() && heard < at->second.when ? &at->second.reason : nullptr;
}

// Each worker hears of the losses in order, but the workers are not in step. All have heard of everything before the
// oldest loss that one of them still has to hear of.
void losses::heard_by_one(epoch when) {
  const auto found = to_hear_.find(when);
  if (found == to_hear_.end() || --found->second != 0) return;
  to_hear_.erase(found);
  settled_ = to_hear_.empty() ? latest_ : to_hear_.begin()->first - 1;
}

void losses::forget(epoch up_to) {
  for (auto of = by_node_.begin(); of != by_node_.end();) {
    std::erase_if(of->second.ports, [&](const auto& port) { return port.second.when <= up_to; });
    const bool gone = of->second.whole.when <= up_to && of->second.ports.empty();
    of = gone ? by_node_.erase(of) : std::next(of);
  }
}

}  // namespace aemp::core
