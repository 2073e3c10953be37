// Which peers of a global node are told of a change: all global ones, and those that have subscribed to the
// family. Cost: nothing for the other peers, of which there may be thousands.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace aemp::mesh {

class audience {
 public:
  using nodes = std::set<std::string>;

  // A node is global, or is so no more. A global node is told everything, and subscribes to nothing.
  void set_global(const std::string& node, bool is) {
    if (!is) return void(globals_.erase(node));
    forget(node);
    globals_.insert(node);
  }
  bool is_global(const std::string& node) const { return globals_.contains(node); }

  void subscribe(const std::string& node, const std::string& family) {
    subscribed_[node].insert(family);
    subscribers_[family].insert(node);
  }
  void unsubscribe(const std::string& node, const std::string& family) {
    take_out(subscribed_, node, family);
    take_out(subscribers_, family, node);
  }
  bool has_subscribed(const std::string& node, const std::string& family) const {
    return find(subscribed_, node).contains(family);
  }
  std::size_t subscriptions(const std::string& node) const { return find(subscribed_, node).size(); }

  void forget(const std::string& node) {
    globals_.erase(node);
    for (const std::string& family : find(subscribed_, node)) take_out(subscribers_, family, node);
    subscribed_.erase(node);
  }

  const nodes& globals() const noexcept { return globals_; }
  const nodes& subscribers(const std::string& family) const { return find(subscribers_, family); }

 private:
  using index = std::map<std::string, std::set<std::string>>;

  static const std::set<std::string>& find(const index& in, const std::string& name) {
    static const std::set<std::string> nobody;
    const auto found = in.find(name);
    return found == in.end() ? nobody : found->second;
  }
  static void take_out(index& of, const std::string& name, const std::string& word) {
    const auto found = of.find(name);
    if (found == of.end()) return;
    found->second.erase(word);
    if (found->second.empty()) of.erase(found);
  }

  nodes globals_;
  index subscribed_;   // families, by node
  index subscribers_;  // nodes, by family
};

}  // namespace aemp::mesh
