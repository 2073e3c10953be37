// What groups and the database need from the mesh.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/message.hpp>

namespace aemp::mesh {

// How a peer speaks of groups and the database, according to its greeting.
struct directory_dialect {
  bool version_2 = false;
  bool related = false;  // a node of this library, which can talk to peers of both versions
  bool lots = false;     // lots.hpp
  std::size_t max_message = SIZE_MAX;
};

class directory_owner {
 public:
  // Sends to a port of a node; "" is its node port. Does nothing when the node is not up. May end the
  // connection.
  virtual void tell(const std::string& node, std::string_view port, const message& m) = 0;
  virtual bool is_up(const std::string& node) const = 0;
  // Bytes that the node has not read yet.
  virtual std::size_t unsent(const std::string& node) const = 0;
  virtual bool is_seed(const std::string& node) const = 0;
  // Whether a seed is being tried that has not failed yet.
  virtual bool tries_seeds() const = 0;
  virtual std::vector<std::string> listening_at() const = 0;
  // Where a node can be dialled, as "host:port", as far as the mesh knows; and what the directory has learned.
  virtual std::vector<std::string> addresses_of(const std::string& node) const = 0;
  virtual void learn_addresses(const std::string& node, const std::vector<std::string>& addresses) = 0;
  virtual void want_connection(const std::string& node) = 0;
  // The database does not say where the node is, so whoever waits for it need not wait any longer.
  virtual void has_no_address(const std::string& node) = 0;
  // That node listens nowhere, but `relays` are connected to it.
  virtual void is_behind(const std::string& node, const std::vector<std::string>& relays) = 0;

 protected:
  ~directory_owner() = default;
};

}  // namespace aemp::mesh
