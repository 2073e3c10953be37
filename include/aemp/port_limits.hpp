// How much may wait for a port, and what becomes of a message for which there is no room.
//
//     set_limits(self(), {.messages = 10'000, .when_full = when_full::drop_oldest});
//
// A message waits from the moment when the port's worker takes it in until a handler begins with it, or a coroutine
// receives it. The worker takes messages in between two handlers. So what one long handler sends, and what other
// threads send meanwhile, is counted when that handler has returned; config.memory_limit bounds that, too. What was
// taken in before a port had limits does not count.
//
// A message that is dropped is counted (`aemp ports`), and leaves a hole: later ones arrive. `kill` leaves none. Senders
// that must not overrun a port ask for room: see when_drained and drained. Replies of calls, timers and monitors never
// count.
//
// Cost: nothing for ports without limits on workers that have no port with limits. On a worker that has one, each
// message of the worker is looked at once more when it is taken in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aemp {

enum class when_full : std::uint8_t {
  refuse,       // the new message is dropped; the log says so, and who asked by when_overloaded is told
  drop_oldest,  // what has waited longest is dropped; the new message waits
  drop_newest,  // the new message is dropped
  kill          // the port ends with the reason mailbox_full
};

struct port_limits {
  std::size_t messages = 0;  // that wait at most; zero: no limit
  std::size_t bytes = 0;     // of these, counted as in limits.hpp; zero: no limit
  aemp::when_full when_full = aemp::when_full::refuse;

  bool operator==(const port_limits&) const = default;
};

}  // namespace aemp
