// Ways to nodes that nobody can dial: circuits (circuit.hpp) through a node that both ends are connected to. A
// hidden node, "id@host:port", is reached through its master; two nodes that listen nowhere reach each other
// through a node that both know (docs/protocol.md, "circuits"). A relay has both: the ends of this node's own
// circuits, and the circuits that this node passes on for others.
//
// A circuit is passed on between two nodes that are connected to this one directly, and only for these two. So
// each circuit has one node in the middle, and loops are impossible. The number of circuits through a node is
// limited (limits::max_circuits), and each has a window of 256 KiB. When a node reads so slowly that half of
// its send buffer is full, the next circuit that has something for it ends; its connection stays.
//
// Belongs to the network worker.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/message.hpp>

#include "core/local_node.hpp"
#include "mesh/circuit.hpp"
#include "mesh/connection.hpp"
#include "mesh/dice.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

// What circuits need from the mesh.
class relay_owner {
 public:
  // The connection to a node that is connected directly, not by a circuit; null: it is not.
  virtual connection* leg_to(const std::string& node) = 0;
  // Another node has opened a circuit to this one.
  virtual void circuit_came(std::unique_ptr<net::stream> stream, const std::string& through) = 0;

 protected:
  ~relay_owner() = default;
};

class relay {
 public:
  relay(detail::local_node& node, const settings& s, dice& chance, relay_owner& owner);
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  // A stream to a node. If the node in the middle does not know that node, the stream closes later. Errors:
  // not_connected, too_many_circuits.
  result<std::unique_ptr<net::stream>> open(const std::string& node, const std::string& through);

  // A message to our node port, over the direct connection of a node. True: it was about a circuit.
  bool handle(const std::string& from, const message& m);
  // A node was connected directly, and is lost.
  void leg_lost(const std::string& node, const std::string& why);

 private:
  struct own_end {
    std::string through;
    std::shared_ptr<circuit> line;
  };
  struct passage {
    std::string one, other;
  };

  std::shared_ptr<circuit> add(const std::string& id, const std::string& node, connection& leg);
  void arrive(const std::string& through, const message& m);
  void pass_on(const std::string& from, const message& m);
  void begin_passage(const std::string& from, const std::string& to, const std::string& id);
  void end_passage(const std::string& id, const std::string& for_whom, const std::string& about,
                   const std::string& why);
  std::size_t passages_of(const std::string& node) const;

  detail::local_node& node_;
  const settings& settings_;
  dice& dice_;
  relay_owner& owner_;
  std::map<std::string, own_end> ends_;
  std::map<std::string, passage> passages_;  // that this node is in the middle of
};

}  // namespace aemp::mesh
