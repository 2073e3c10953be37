// Another node, as long as we are connected to it or want to be: its connection, or the wish for one and what
// waits for it. It is forgotten when it is lost, and when nobody could reach it in time.
//
// Belongs to the network worker, and to the mesh (mesh.hpp), which makes and forgets peers and moves them
// from one state to the other.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/message.hpp>

#include "core/owned.hpp"
#include "mesh/connection.hpp"
#include "mesh/dialler.hpp"
#include "mesh/node_protocol.hpp"
#include "mesh/succession.hpp"

namespace aemp::mesh {

// What goes to a node, in order, while there is no connection.
class outbox {
 public:
  struct packet {
    enum class kind { message, kill };
    kind what;
    std::string port;
    message content;  // kill: the reason
  };

  // False: it would be more than the limits allow; nothing was added.
  [[nodiscard]] bool add(packet p, const limits& l);
  static std::size_t weight_of(const packet& p);
  std::deque<packet> take() noexcept;

  std::size_t size() const noexcept { return packets_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::deque<packet> packets_;
  std::size_t bytes_ = 0;
};

// What other nodes have this one hold for nodes that are not up.
struct wish_account {
  std::size_t nodes = 0, bytes = 0;
};
using wish_accounts = std::map<std::string, wish_account, std::less<>>;

struct peer {
  explicit peer(std::string id) : id(std::move(id)) {}

  // Puts a packet on the connection, which may close it.
  void put(const outbox::packet& p);

  const std::string id;
  connection* up = nullptr;
  outbox waiting = {};  // while not up
  std::map<std::string, std::size_t> wished_by =
      {};                                        // while not up: other nodes, and bytes of theirs that wait
  std::unique_ptr<dialler> dial = {};            // while not up
  std::unique_ptr<node_protocol> protocol = {};  // while up
  std::unique_ptr<succession> in_question = {};  // while up, and others claim to be this node

  std::atomic<std::size_t> unsent{0};    // bytes that wait, for all threads to see
  core::owned_list wait_for_drain = {};  // until few bytes do

  // A node ID that is a noderef may lead to a node that calls itself otherwise. Then the noderef is another
  // name for that node: `up` is the connection of `alias_of`, which knows all its aliases, and they are lost
  // together.
  std::string alias_of = {};
  std::vector<std::string> aliases = {};
};

}  // namespace aemp::mesh
