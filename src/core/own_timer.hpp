// A timer of the library itself: calls a function once, on the worker, unless it is destroyed or cancelled before. It
// does not wait behind timers and handlers of ports. Belongs to the worker's thread.
#pragma once

#include <functional>

#include "core/owned.hpp"

namespace aemp::core {

class worker;

class own_timer {
 public:
  own_timer() = default;
  own_timer(const own_timer&) = delete;
  own_timer& operator=(const own_timer&) = delete;
  ~own_timer() { cancel(); }

  void start(worker& w, duration delay, std::function<void()> f);
  void cancel() noexcept;
  bool running() const noexcept {
    return pending_ != nullptr && !pending_->over.load(std::memory_order_relaxed);
  }

 private:
  detail::owned* pending_ = nullptr;
};

}  // namespace aemp::core
