// How long this node waits before it dials a node again whose connection has ended, whoever dialled that one
// and whatever ended it. A node that was not lost lately is dialled at once.
//
// The wait is a random part of connect_interval, so that the peers of a node that starts anew do not all come
// back at the same moment. Where one connection after the other dies young, their cause is still there; often
// it is what waits to be sent. So the wait doubles each time, up to a third of monitor_timeout.
//
// Belongs to the network worker.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.hpp"
#include "mesh/dice.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class backoff {
 public:
  backoff(const settings& s, dice& chance) : settings_(s), chance_(chance) {}

  // A connection with the node has ended, which was up since `up_since`. It has died young if that is less than
  // monitor_timeout.
  void lost(const std::string& node, core::time_point up_since, core::time_point now);

  // How long to wait until the node may be dialled; zero: it may be dialled now.
  core::duration wait_for(const std::string& node, core::time_point now) const;

  std::size_t size() const noexcept { return nodes_.size(); }

 private:
  struct entry {
    unsigned died_young = 0;  // in a row
    core::time_point until;
  };
  core::duration wait_after(unsigned died_young);
  void forget_the_old(core::time_point now);

  const settings& settings_;
  dice& chance_;
  std::unordered_map<std::string, entry> nodes_;
};

}  // namespace aemp::mesh
