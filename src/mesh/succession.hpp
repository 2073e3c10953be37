// Decides who has the place of a node that is up when the same node ID comes on another connection. Either the
// node was started anew, and its old connection is half open (aemp-protocol J.9); or somebody else has the same
// ID. So the holder of the place is asked for an echo, in words that every AnyEvent::MP node understands. If
// anything comes from it, it stays, and the claimants are refused. If nothing at all comes from it for as long
// as `patience`, the place is theirs (docs/architecture.md).
//
// Belongs to the network worker, and to the peer whose connection is in question.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <aemp/message.hpp>

#include "core/own_timer.hpp"
#include "mesh/connection.hpp"

namespace aemp::mesh {

class succession {
 public:
  // `silent` is called at most once, and may destroy this object.
  succession(core::worker& worker, connection& holder, core::duration patience, std::string token,
             std::function<void()> silent);
  succession(const succession&) = delete;
  succession& operator=(const succession&) = delete;

  // Asks the holder, as the node `own_id`. That may end the holder's connection.
  void ask(const std::string& own_id);

  // Another connection that wants the place. `proven`: it has shown that it has the secret. It has to be removed
  // when it closes.
  void add(connection& claimant, bool proven);
  void remove(const connection& claimant) noexcept;
  const std::vector<connection*>& claimants() const noexcept { return claimants_; }
  // Whether any claimant was proven, be it one that was removed since.
  bool proven() const noexcept { return proven_; }

  // Whether a message that the holder sent to our node port is its answer.
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
  core::own_timer timer_;
};

}  // namespace aemp::mesh
