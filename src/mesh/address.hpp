// What a node ID says about where the node is (aemp-protocol A.1, A.6):
// - a name says nothing;
// - a noderef, "host:port,host:port", says all its places;
// - "id@host:port" says through which node, its master, a hidden node can be reached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/endpoint.hpp"

namespace aemp::mesh {

using net::place;

struct address {
  enum class kind { name, noderef, hidden };
  kind what = kind::name;
  std::vector<place> places = {};  // of the node, or, for a hidden one, of its master
  std::string id = {};             // of a hidden one: what stands before the '@'
  std::string master = {};         // and behind it
};

// A node ID is a noderef when each of its comma parts is a host and a numeric port.
address address_of(std::string_view node_id);

}  // namespace aemp::mesh
