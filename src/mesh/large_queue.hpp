// What waits behind a large message that is being sent in parts. Other messages pass it, so that control
// traffic and small talk do not wait for bulk. Who may pass, so that the guarantees hold
// (docs/architecture.md, "Large messages"):
//
// - A message to a port waits for what goes to that port, and so do the requests that concern the port: to
//   monitor it, not to monitor it any more, to kill it, to spawn it.
// - Everything waits for a request to spawn: any message may name the new port, which must be there first.
// - The news that a port of this node is dead (kil0) waits for everything, for all that the port has sent has
//   to be there first.
// - Other messages to the node port wait for those to the node port; what asks whether the peer lives, and
//   the answer, wait for nothing.
// - A large message waits until the one before it is through: one at a time is sent in parts.
//
// Belongs to the network worker. Cost while nothing large is sent: one comparison.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <aemp/message.hpp>

namespace aemp::mesh {

// Which port of the peer a packet is about: the one it goes to, or the one that the node port is told of.
std::string concern_of(std::string_view port, const message& m);
// Of what goes to the node port.
bool is_spawn(const message& m);

class large_queue {
 public:
  struct packet {
    std::string port;
    message content;
    std::size_t bytes;  // estimated
  };

  bool busy() const noexcept { return busy_; }
  // A large message to that port is being sent, from now on until its end.
  void begin(std::string_view port, const message& m);
  void end();

  // While busy.
  bool must_wait(std::string_view port, const message& m) const;
  void add(std::string_view port, const message& m);

  bool empty() const noexcept { return waiting_.empty(); }
  packet pop();                                          // the oldest
  std::size_t bytes() const noexcept { return bytes_; }  // of what waits

 private:
  void count(const packet& p, int change);

  bool busy_ = false;
  packet current_ = {};                             // the large message, while busy
  std::list<packet> waiting_;                       // costs nothing while empty
  std::unordered_map<std::string, int> concerned_;  // by how much of all this
  int spawns_ = 0;                                  // in all this
  std::size_t bytes_ = 0;
};

}  // namespace aemp::mesh
