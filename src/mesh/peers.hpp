// The table of peers: all nodes that are connected or looked for, by the names by which they are reached. It
// also counts who is up, and knows whose search is under way.
//
// Belongs to the network worker, except known_nodes() and unsent(), which any thread may call. Cost of a
// search in the table: one hash of the name, and no copy of it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/guarded.hpp"
#include "mesh/peer.hpp"

namespace aemp::mesh {

class peers {
  // So that a part of a port ID finds its peer without becoming a string.
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

 public:
  using table = std::unordered_map<std::string, std::unique_ptr<peer>, text_hash, std::equal_to<>>;

  // By any of its names. Null: there is none.
  peer* find(std::string_view node) const {
    const auto found = all_.find(node);
    return found == all_.end() ? nullptr : found->second.get();
  }
  // By the ID that the node gives itself, if it is up.
  peer* find_up(std::string_view node) const {
    peer* const p = find(node);
    return p != nullptr && p->up != nullptr && p->alias_of.empty() ? p : nullptr;
  }
  bool is_up(std::string_view node) const { return find_up(node) != nullptr; }
  // The connection with a node that is connected directly, not by a circuit. Null: it is not.
  connection* leg_to(std::string_view node) const;
  // Maps an alias, a noderef, to the node's own ID. Any other name stays as it is.
  std::string real_name(const std::string& node) const;

  // The peer of that name, which is made if there is none.
  peer& add(std::string_view node);
  // Removes a peer from the table. Null: there is none.
  std::unique_ptr<peer> take(std::string_view node);
  void clear();

  // The peer is up on this connection.
  void set_up(peer& p, connection& c);
  // That name leads to a node that is up, and has its connection.
  void set_alias(peer& alias, peer& of);

  // The search for a node: when it begins, and when it ends, whatever came of it.
  void begin_search(peer& p, std::unique_ptr<dialler> d);
  void end_search(peer& p);
  // The node that searches may go through has come up.
  void way_is_open(const std::string& through) const;

  std::size_t up_count() const noexcept { return up_count_; }
  std::size_t size() const noexcept { return all_.size(); }
  const table& all() const noexcept { return all_; }

  // For any thread: the names in the table, and the bytes that wait to be sent to one of them.
  std::vector<std::string> known_nodes() const;
  std::size_t unsent(const std::string& node) const;

 private:
  table all_;
  std::set<std::string> searched_for_;
  std::size_t up_count_ = 0;

  // Of all_; an alias has its node's peer.
  core::guarded<std::map<std::string, const peer*, std::less<>>> names_;
};

}  // namespace aemp::mesh
