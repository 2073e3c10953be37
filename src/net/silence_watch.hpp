// Notices that the host at the other end of a TCP connection is gone. A kernel confirms what arrives, however
// busy its program is. A host that has confirmed nothing for the whole limit, although something waits to be
// confirmed, is gone. Our kernel comes to that conclusion only after many minutes.
//
// TCP_USER_TIMEOUT would not do: it also ends the connection to a host that confirms everything, but whose
// program reads too slowly to make room.
#pragma once

#include <algorithm>
#include <optional>

#include "core/clock.hpp"

namespace aemp::net {

class silence_watch {
 public:
  // Makes the kernel probe the other host from half of the limit on, while there is nothing else to confirm.
  silence_watch(int socket, core::duration limit);

  // How often to call is_over().
  core::duration interval() const noexcept { return std::max<core::duration>(limit_ / 10, least_interval); }
  // Checks the connection. True: the host has been silent for the limit.
  bool is_over(core::time_point now);

 private:
  static constexpr core::duration least_interval = std::chrono::milliseconds(10);

  const int socket_;
  const core::duration limit_;
  // Since when we have seen something wait to be confirmed, with nothing coming in.
  std::optional<core::time_point> unanswered_;
};

}  // namespace aemp::net
