// The messages that wait behind a large message while that is sent in parts. Most messages pass it, so that
// control traffic and small messages do not wait for bulk. These have to wait, so that the guarantees hold
// (docs/architecture.md, "Large messages"):
//
// - A message to a port waits for the messages to that port that are being sent or wait. So do the requests
//   that concern the port: monitor, unmonitor, kill, spawn.
// - Everything waits for a request to spawn, because any message may name the new port.
// - The news that a port of this node is dead (kil0) waits for everything, because all that the port has sent
//   has to arrive first.
// - Other messages to the node port wait for those to the node port. The question whether the peer lives, and
//   the answer to it, wait for nothing.
// - A large message waits for the large message before it: one at a time is sent in parts.
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

// The port of the peer that a packet is about: the port that it goes to, or, for a request to the node port, the
// port that the request names.
std::string concern_of(std::string_view port, const message& m);
// Whether a message to the node port asks for a spawn.
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
  packet current_ = {};        // the large message, while busy
  std::list<packet> waiting_;  // costs nothing while empty
  // Of the large message and what waits: how many packets concern a port, and how many are requests to spawn.
  std::unordered_map<std::string, int> concerned_;
  int spawns_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace aemp::mesh
