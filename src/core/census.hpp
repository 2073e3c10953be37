// What can be said of a worker's ports and queue to somebody who looks from outside (service/inspect). Nothing is counted
// for it while messages are delivered: these functions look, within fixed bounds. On the worker's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <aemp/port_id.hpp>

#include "core/port_space.hpp"

namespace aemp::core {

struct port_facts {
  port_id port;
  bool is_call = false;  // a port for one reply
  std::size_t handlers = 0;
  std::size_t monitors = 0;
  std::size_t owns = 0;                    // monitors, timers and calls that end with it
  std::uint32_t dropped = 0;               // because no handler took them
  bool is_limited = false;                 // then, and only then, it is known
  std::size_t waiting = 0;                 // how many messages wait
  std::size_t refused = 0;                 // and how many were dropped because there was no room
  std::vector<std::string> contract = {};  // the messages that it serves with their types
};

struct port_page {
  std::vector<port_facts> ports;
  std::uint32_t next = 0;  // the place to go on from; zero: that was all
};

struct queue_facts {
  std::size_t waiting = 0;
  bool more = false;                                   // the rest of the queue was not looked at
  std::vector<std::pair<port_id, std::size_t>> ports;  // those with most of the messages, in that order
};

// So many ports at most, from a place of the table on.
port_page count_ports(port_space& of, std::uint32_t from, std::size_t most);
queue_facts count_queue(port_space& of);

}  // namespace aemp::core
