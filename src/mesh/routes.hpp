// The places where nodes can be dialled, as far as they were learned from programs, peers, and connections
// that came up. There are no more nodes in it than limits::max_routes; further ones are not remembered.
//
// Belongs to the network worker.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/registry.hpp"
#include "mesh/settings.hpp"
#include "net/endpoint.hpp"

namespace aemp::mesh {

class routes {
 public:
  explicit routes(const settings& s) : settings_(s) {}

  // These are the places of that node. False: it is one too many.
  bool learn(const std::string& node, const std::vector<net::endpoint>& places);
  // The node answered there: that place is the first to be tried.
  void remember(const std::string& node, const net::endpoint& at);

  // Best first. Empty: none is known.
  const std::vector<net::endpoint>& to(const std::string& node) const;
  // And those where the node says that it listens, in the database.
  std::vector<net::endpoint> all_to(const std::string& node, const core::families& database) const;

 private:
  bool has_room_for(const std::string& node) const;

  const settings& settings_;
  std::unordered_map<std::string, std::vector<net::endpoint>> known_;
};

}  // namespace aemp::mesh
