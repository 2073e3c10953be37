// Notices that the host at the other end of a TCP connection is gone. A kernel confirms what arrives however
// busy its program is; one that has confirmed nothing for the whole limit, although something waits for that,
// is not there any more. Our kernel comes to the same conclusion only after many minutes.
//
// Not by TCP_USER_TIMEOUT, which also ends the connection to a host that confirms everything, but whose
// program reads too slowly to make room.
#pragma once

#include <algorithm>
#include <optional>

#include "core/clock.hpp"

namespace aemp::net {

class silence_watch {
 public:
  // Has the kernel ask the other host from half of the limit on, while there is nothing else to confirm.
  silence_watch(int socket, core::duration limit);

  // How often to look.
  core::duration interval() const noexcept { return std::max<core::duration>(limit_ / 10, least_interval); }
  // Looks. True: the host has been silent for the limit.
  bool is_over(core::time_point now);

 private:
  static constexpr core::duration least_interval = std::chrono::milliseconds(10);

  const int socket_;
  const core::duration limit_;
  // Since when, as far as we have seen, something waits to be confirmed and nothing has come.
  std::optional<core::time_point> unanswered_;
};

}  // namespace aemp::net
