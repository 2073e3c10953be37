// What a worker can say about its ports and its queue to somebody who looks from outside (service/inspect).
// Nothing is counted for it while messages are delivered: it looks, and looks at so much at most. On the
// worker's thread, as are the functions that make these (worker.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <aemp/port_id.hpp>

namespace aemp::core {

struct port_facts {
  port_id port;
  bool is_call = false;  // a port for one reply
  std::size_t handlers = 0;
  std::size_t monitors = 0;
  std::size_t owns = 0;  // monitors, timers and calls that end with it
  std::uint32_t dropped = 0;
};

struct port_page {
  std::vector<port_facts> ports;
  std::uint32_t next = 0;  // the place to go on from; zero: that was all
};

struct queue_facts {
  std::size_t waiting = 0;
  bool more = false;                                   // it was not looked at to the end
  std::vector<std::pair<port_id, std::size_t>> ports;  // those that most of it is for, the first one most
};

}  // namespace aemp::core
