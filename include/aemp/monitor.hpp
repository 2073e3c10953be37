// Handles to future events: a monitor, a timer. Dropping a handle changes nothing. After cancel() the event
// does not happen any more. That is certain on the thread where it would happen; from another thread, it may
// be happening right now.
#pragma once

#include <utility>

#include <aemp/export.hpp>

namespace aemp {

namespace detail {
class owned;
AEMP_API void retain(owned* o) noexcept;
AEMP_API void release(owned* o) noexcept;
AEMP_API void cancel(owned* o) noexcept;
}  // namespace detail

class handle {
 public:
  handle() noexcept = default;
  explicit handle(detail::owned* o) noexcept : owned_(o) {}  // takes over a reference
  handle(const handle& other) noexcept : owned_(other.owned_) {
    if (owned_ != nullptr) detail::retain(owned_);
  }
  handle(handle&& other) noexcept : owned_(std::exchange(other.owned_, nullptr)) {}
  handle& operator=(handle other) noexcept {
    std::swap(owned_, other.owned_);
    return *this;
  }
  ~handle() {
    if (owned_ != nullptr) detail::release(owned_);
  }

  void cancel() noexcept {
    if (owned_ != nullptr) detail::cancel(owned_);
  }

 private:
  detail::owned* owned_ = nullptr;
};

class monitor : public handle {
  using handle::handle;
};

class timer : public handle {
  using handle::handle;
};

// Cancels a monitor when it is destroyed.
class monitor_guard {
 public:
  monitor_guard() noexcept = default;
  explicit monitor_guard(monitor m) noexcept : monitor_(std::move(m)) {}
  monitor_guard(monitor_guard&&) noexcept = default;
  monitor_guard& operator=(monitor_guard&& other) noexcept {
    std::swap(monitor_, other.monitor_);
    return *this;
  }
  ~monitor_guard() { monitor_.cancel(); }

 private:
  monitor monitor_;
};

}  // namespace aemp
