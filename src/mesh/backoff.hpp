// How soon a node is dialled again when the connection with it has ended, whoever dialled that one and
// whatever ended it. Each node waits a random part of connect_interval, so that the many that were connected
// to one that starts anew do not come back at the same moment. Where connections die young, one after the
// other, something kills them that is still there, often what waits to be sent; so the wait doubles each
// time, up to a third of monitor_timeout. A node that nobody has lost lately is dialled at once.
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

  // A connection with the node that was up since then has ended. One that was up for less than
  // monitor_timeout has died young.
  void lost(const std::string& node, core::time_point up_since, core::time_point now);

  // How long the node is not to be dialled yet; zero: it may be.
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
