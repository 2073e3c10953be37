// The networked part of a node: the transport and the mesh around a core, made from a configuration. Every
// node that is not private has one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/config.hpp>

#include "api/environment.hpp"
#include "core/local_node.hpp"
#include "mesh/certified.hpp"
#include "mesh/mesh.hpp"

namespace aemp::api {

class network {
 public:
  // Throws start_error when the configuration cannot be used. Opens nothing yet.
  network(detail::local_node& core, const config& settings, environment& world);
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network();

  // Listens where the configuration says, and begins to look for seeds. Throws start_error.
  void configure(const config& settings);
  // Resolves a noderef, listens on all of it and makes it the node's ID (aemp-protocol A.7). Throws
  // start_error.
  void become_public(std::string_view noderef);

  // Resolves a noderef, connects to the master there, and takes the ID `id`@noderef. Throws start_error.
  void become_slave(const std::string& id, std::string_view noderef);

  // Sends what waits, then ends all connections. Nothing can be sent afterwards.
  void close();

  const std::vector<std::string>& listening() const noexcept { return listening_; }

 private:
  void listen(const std::vector<net::endpoint>& at);
  void start();

  detail::local_node& core_;
  std::unique_ptr<net::transport> transport_;
  std::unique_ptr<mesh::mesh> mesh_;
  std::vector<std::string> listening_;
  std::vector<std::string> certified_;  // the names that our own certificate allows this node
  std::size_t secret_bytes_ = 0;        // 0: none, or a weak one is allowed
  bool started_ = false;
  bool hidden_ = false;
};

}  // namespace aemp::api
