// What a room above the core adds to every node: it lives with the node, is found by its type, and ends
// before the node's ports do. The counterpart of what the core needs from below, the gateway.
#pragma once

namespace aemp::core {

class extension {
 public:
  extension() = default;
  extension(const extension&) = delete;
  extension& operator=(const extension&) = delete;
  virtual ~extension() = default;

  // After stop(), on the network worker: something is still on its way that somebody was promised. The
  // network goes on for it, for a while.
  virtual bool has_last_words() const noexcept { return false; }

  // The node ends: nothing may be expected from its workers any more.
  virtual void shut_down() noexcept = 0;
};

}  // namespace aemp::core
