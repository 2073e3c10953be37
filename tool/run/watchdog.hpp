// A process that has another one do the work, and starts it again when it dies, or when its heart does not
// beat any more. So no state of the one can hurt the other.
#pragma once

#include <chrono>
#include <functional>

namespace aemp::tool {

struct watchdog_rules {
  std::chrono::milliseconds silence = std::chrono::seconds(10);  // this long without a beat is dead
  std::chrono::milliseconds first_pause =
      std::chrono::milliseconds(500);  // before a new start; twice as long each time
  std::chrono::milliseconds longest_pause = std::chrono::seconds(30);
  std::chrono::milliseconds long_life =
      std::chrono::seconds(60);  // after which the pause is the first one again
};

// What the child writes: that it is alive, and that it is not to be watched until it writes the other again,
// since it begins something that may take long.
inline constexpr char heart_beats = '.', heart_rests = ',';

// Runs `work` in a child process; it gets the pipe to write a byte into from time to time (the first one
// begins the watch), and returns the process's status. Returns when that is 0, or says that starting again is
// of no use (misused, bad_config); restart_status starts it again at once. SIGTERM, SIGINT and SIGHUP are
// passed on. Before any thread has been started.
int watch_over(const std::function<int(int heartbeat)>& work, const watchdog_rules& rules = {});

}  // namespace aemp::tool
