// The nodes of the process, in the order they were made: the API's free functions, called outside callbacks, act on the
// first. Any thread.
#pragma once

#include <mutex>
#include <vector>

#include "core/guarded.hpp"

namespace aemp::detail {
class local_node;
}

namespace aemp::core {

class process_nodes {
 public:
  static guarded<std::vector<detail::local_node*>>& all();

  static void add(detail::local_node& node) { all().lock()->push_back(&node); }
  static void remove(detail::local_node& node) { std::erase(*all().lock(), &node); }
};

}  // namespace aemp::core
