// Where a worker sleeps. A worker whose run queue is empty calls wait(), which returns when the time is up, when a socket
// of the poller is ready, or when another thread called wake(). Pollers: a condition variable (core, for nodes without
// network), Asio (net), and one that never sleeps (sim).
#pragma once

#include <memory>
#include <optional>

#include "core/clock.hpp"

namespace aemp::core {

class poller {
 public:
  virtual ~poller() = default;

  // Handles what is ready, without waiting, and for a few milliseconds at most; the rest is left for the next call.
  // False: nothing was ready. Called on the worker's thread every few hundred messages, and repeatedly by a worker that
  // spins.
  virtual bool poll() = 0;
  // Sleeps until woken, until something is ready (and handles it, as poll() does), or until `until`, if there is such a
  // time.
  virtual void wait(std::optional<time_point> until) = 0;
  // From any thread. A wake before wait() makes that wait() return at once.
  virtual void wake() noexcept = 0;
};

std::unique_ptr<poller> make_condition_poller();

}  // namespace aemp::core
