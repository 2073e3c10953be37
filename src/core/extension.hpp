// What a room above the core adds to every node. An extension lives with the node, is found by its type, and ends before
// the node's ports do.
#pragma once

namespace aemp::core {

class extension {
 public:
  extension() = default;
  extension(const extension&) = delete;
  extension& operator=(const extension&) = delete;
  virtual ~extension() = default;

  // After stop(), on the network worker: something that was promised to be sent is still on its way. The network goes
  // on for it, for a while.
  virtual bool has_last_words() const noexcept { return false; }

  // The node ends: its workers run nothing any more.
  virtual void shut_down() noexcept = 0;
};

}  // namespace aemp::core
