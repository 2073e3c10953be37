#include "core/process_nodes.hpp"

#include <stdexcept>
#include <string>

#include <aemp/entry.hpp>

#include "core/worker.hpp"
#include "data/identity.hpp"

namespace aemp::core {

// Never destroyed: nodes may be static objects.
guarded<std::vector<detail::local_node*>>& process_nodes::all() {
  static auto* list = new guarded<std::vector<detail::local_node*>>;
  return *list;
}

}  // namespace aemp::core

namespace aemp::detail {

local_node* node_at_hand::running_node() noexcept {
  const core::worker* const w = core::worker::current();
  return w == nullptr ? nullptr : &w->node();
}

void node_at_hand::enter_first(const char* function) {
  const auto nodes = core::process_nodes::all().lock();
  if (nodes->empty()) {
    throw std::logic_error("aemp::" + std::string(function) +
                           "(): there is no node in this process; make one first: aemp::node me;");
  }
  node_ = nodes->front();
  entered_ = &home_of(*node_);
  enter(*entered_);  // it is in the list, so it lets others in
}

void node_at_hand::leave_first() noexcept { leave(*entered_); }

}  // namespace aemp::detail
