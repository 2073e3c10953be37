// The question whether the connection of a node that is up is still worth something, when the same node comes
// on another one: it may have been started anew while the old connection is half open (aemp-protocol J.9), or
// somebody else has the same ID. The holder of the place is asked for an echo, in words that every
// AnyEvent::MP node understands. If it answers, it stays, and the claimants are refused; if nothing at all
// comes from it for as long as our patience lasts, the place is theirs (docs/architecture.md).
//
// Belongs to the network worker, and to the peer whose connection is in question.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <aemp/message.hpp>

#include "core/timer.hpp"
#include "mesh/connection.hpp"

namespace aemp::mesh {

class succession {
 public:
  // `silent` is called at most once, and may destroy this object.
  succession(core::worker& worker, connection& holder, core::duration patience, std::string token,
             std::function<void()> silent);
  succession(const succession&) = delete;
  succession& operator=(const succession&) = delete;

  // Puts the question, as the node `own_id`; the holder's connection may end by that.
  void ask(const std::string& own_id);

  // Somebody else who wants the place; `proven`: he has the secret. One that closes has to be taken out.
  void add(connection& claimant, bool proven);
  void remove(const connection& claimant) noexcept;
  const std::vector<connection*>& claimants() const noexcept { return claimants_; }
  // Whether any claimant was the node itself, also one that did not want to wait.
  bool proven() const noexcept { return proven_; }

  // Whether a message of the holder to our node port is its answer.
  bool is_answer(const message& m) const;

 private:
  void wait();

  core::worker& worker_;
  connection& holder_;
  const core::duration patience_;
  const std::string token_;
  const std::function<void()> silent_;
  std::vector<connection*> claimants_;
  bool proven_ = false;
  bool once_silent_ = false;
  core::timer timer_;
};

}  // namespace aemp::mesh
