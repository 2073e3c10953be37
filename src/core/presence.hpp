// Which other nodes are up, and who wants to know when that changes (mon_nodes). Belongs to the network worker, except
// is_up(), up() and watch(), which any thread may call.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/crew.hpp"
#include "core/guarded.hpp"
#include "core/losses.hpp"
#include "core/owned.hpp"

namespace aemp::core {

class presence {
 public:
  explicit presence(crew& workers) : workers_(workers) {}

  // Fires the callbacks of mon_nodes. Nothing if the node is up already.
  void came(const std::string& node);
  // If the node was up, its callbacks become part of the news of its loss.
  void went(const std::string& node, const message& reason, bulletin& news);

  bool is_up(const std::string& node) const { return up_.shared()->contains(node); }
  std::vector<std::string> up() const;

  // A callback of mon_nodes, when it is linked to its owner.
  void watch(detail::owned* o);
  void shut_down() noexcept { watches_.finish_all(); }

 private:
  crew& workers_;
  owned_list watches_;
  shared_guarded<std::set<std::string>> up_;
};

}  // namespace aemp::core
