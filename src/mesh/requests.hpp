// What peers ask for, where an answer can be dear: a whole family, the next lot of one. A little of it is
// answered at once. What is more waits, and is answered bit by bit, each peer in its turn, for half of the time
// at most; so a peer that asks a thousand times in one packet holds up nobody but itself. One that does not read
// its answers gets no more of them before it does.
//
// Belongs to the network worker.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include <aemp/message.hpp>

#include "core/own_timer.hpp"
#include "core/worker.hpp"

namespace aemp::mesh {

class requests {
 public:
  // Answers go in order, peer by peer. An answer may end the connection with the peer, or with others.
  using answer = std::function<void(const std::string& node, const message& m)>;
  // Whether enough waits for the peer to read.
  using is_behind = std::function<bool(const std::string& node)>;

  // So many may wait from one peer.
  static constexpr std::size_t most_waiting = 10'000;
  // Answers of one turn take so long, and the last one of them.
  static constexpr core::duration longest_turn = std::chrono::milliseconds(2);

  // How soon it is seen that a peer reads again.
  static constexpr core::duration look_interval = std::chrono::milliseconds(20);

  requests(core::worker& w, answer f, is_behind g)
      : worker_(w), answer_(std::move(f)), is_behind_(std::move(g)) {}
  requests(const requests&) = delete;
  requests& operator=(const requests&) = delete;

  // False: too many of that peer wait already, and this one is not answered.
  bool add(const std::string& node, const message& m);
  void forget(const std::string& node) { waiting_.erase(node); }

 private:
  void answer_now(const std::string& node, const message& m);
  bool answer_next();
  void go_on();
  void rest(core::duration least);

  core::worker& worker_;
  const answer answer_;
  const is_behind is_behind_;
  std::map<std::string, std::deque<message>> waiting_;
  std::string last_;  // whose turn it was
  core::duration spent_{};
  core::own_timer next_;
};

}  // namespace aemp::mesh
