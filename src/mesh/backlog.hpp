// What waits for a node while it is being connected, in the order in which it was given.
//
// Belongs to the network worker.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include <aemp/limits.hpp>
#include <aemp/message.hpp>

namespace aemp::mesh {

class backlog {
 public:
  struct packet {
    enum class kind { message, kill, question };
    kind what;
    std::string port;
    message content;  // kill: the reason; question: what goes to the node port of those who understand it
  };

  // False: the limits allow no more, and nothing was added.
  [[nodiscard]] bool add(packet p, const limits& l);
  // About how many bytes of memory a packet takes. Cost: a look at each element.
  static std::size_t weight_of(const packet& p);
  // All of it. Nothing waits afterwards.
  std::deque<packet> take() noexcept;

  std::size_t size() const noexcept { return packets_.size(); }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::deque<packet> packets_;
  std::size_t bytes_ = 0;
};

}  // namespace aemp::mesh
