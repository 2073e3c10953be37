// The places where this node listens, and so which places are this node.
//
// Belongs to the network worker.
#pragma once

#include <memory>
#include <vector>

#include "mesh/address.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class listeners {
 public:
  explicit listeners(net::transport& network) : network_(network) {}

  // Listens on all of these places, or on none. The result has the ports that were chosen where 0 was asked
  // for. Errors: those of net::transport::listen.
  result<std::vector<net::endpoint>> open(const std::vector<net::endpoint>& at,
                                          const net::transport::accepted& take);
  void close() { open_.clear(); }

  std::vector<net::endpoint> places() const;
  bool is_mine(const net::endpoint& at) const;
  bool is_mine(const place& p) const;

 private:
  net::transport& network_;
  std::vector<std::unique_ptr<net::listener>> open_;
};

}  // namespace aemp::mesh
