// Ways to nodes that nobody can dial: circuits (circuit.hpp) through a node that both ends are connected to.
// A hidden node, "id@host:port", is reached through its master; two nodes that listen nowhere, through a node
// that both know (docs/protocol.md, "circuits"). This is both sides of it: the ends that this node has, and
// what it passes on for others.
//
// It passes on between nodes that are connected to it directly, and only for the two that a circuit belongs
// to. So a circuit has one node in the middle, and a loop is not possible. A node may have so many circuits
// through another (limits::circuits), with a window of 256 KiB each; when a node reads so slowly that half of
// its send buffer is full, the circuit that has something for it ends, not its connection.
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

  // A stream to a node. Whether the node in the middle knows it will be seen. Errors: not_connected,
  // too_many_circuits.
  result<std::unique_ptr<net::stream>> open(const std::string& node, const std::string& through);

  // A message to our node port, over the direct connection of a node; true: it was for us.
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
