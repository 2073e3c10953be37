// How much may wait for nodes that are not up: for each of them, for all together, and of what other nodes
// want passed on. A node that another one wants to reach through this one is a wish of that node; it may have
// so many wishes, and so many bytes that wait for them (limits::max_wishes, max_wished).
//
// Belongs to the network worker.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "mesh/peer.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class quotas {
 public:
  explicit quotas(const settings& s) : settings_(s) {}

  // Lets a packet wait for that peer. False: one of the limits allows no more.
  [[nodiscard]] bool add_waiting(peer& p, backlog::packet packet);
  // What waited for the peer waits no more: it is about to be sent, or lost.
  void forget_waiting(peer& p);
  // Bytes, for all peers.
  std::size_t waiting() const noexcept { return waiting_; }

  // Whether node `from` may have that many bytes more wait for a node. `known` is the peer of that node, or
  // null.
  bool may_wish(const std::string& from, const peer* known, std::size_t bytes) const;
  // It does. They count until forget_waiting().
  void add_wish(const std::string& from, peer& p, std::size_t bytes);

 private:
  struct account {
    std::size_t nodes = 0, bytes = 0;
  };

  const settings& settings_;
  std::size_t waiting_ = 0;
  std::map<std::string, account, std::less<>> wishes_;  // by the node whose wishes they are
};

}  // namespace aemp::mesh
