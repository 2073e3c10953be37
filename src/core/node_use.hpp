// Finds a local node by its identity, and keeps it from ending while this lives, on any thread. On the node's own workers
// that is a comparison; on other threads the node is pinned (data/identity.hpp). False: the node ends, or has ended.
#pragma once

#include "core/local_node.hpp"
#include "data/identity.hpp"

namespace aemp::core {

class node_use {
 public:
  explicit node_use(const detail::node_identity& home) noexcept : node_(own(home)) {
    if (node_ == nullptr) node_ = static_cast<detail::local_node*>(pin_.emplace(home).owner());
  }

  explicit operator bool() const noexcept { return node_ != nullptr; }
  detail::local_node& node() const noexcept { return *node_; }

 private:
  static detail::local_node* own(const detail::node_identity& home) noexcept {
    const worker* const w = worker::current();
    if (w == nullptr || &w->node() != home.owner.load(std::memory_order_acquire)) return nullptr;
    return &w->node();
  }

  detail::local_node* node_;
  std::optional<detail::node_pin> pin_;
};

}  // namespace aemp::core
