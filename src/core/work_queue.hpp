// What waits for the ports of a worker, and its tasks: first in, first out. Where a port has limits, or the node has a
// limit of memory, what comes in is counted before it is dispatched (core/reception.hpp). So the queue has two
// parts: what came in, and in front of it what was counted. One thread.
#pragma once

#include <cstddef>

#include "core/run_queue.hpp"

namespace aemp::core {

class work_queue {
 public:
  bool empty() const noexcept { return incoming_.empty() && counted_.empty(); }
  void push(detail::block* b) noexcept { incoming_.push(b); }
  // In front of all that waits: for a task that goes on with what it began.
  void push_front(detail::block* b) noexcept {
    counted_.push_front(b);
    ++counted_size_;
  }
  detail::block* pop() noexcept {
    if (counted_.empty()) [[likely]]
      return incoming_.pop();
    return pop_counted();
  }

  run_queue& incoming() noexcept { return incoming_; }
  bool has_counted() const noexcept { return !counted_.empty(); }
  std::size_t counted() const noexcept { return counted_size_; }
  void push_counted(detail::block* b) noexcept {
    counted_.push(b);
    ++counted_size_;
  }
  detail::block* pop_counted() noexcept {
    detail::block* const b = counted_.pop();
    if (b != nullptr) --counted_size_;
    return b;
  }

  // Calls f(block) for each, the oldest first, until it returns false.
  template <class F>
  void for_each(F&& f) const {
    for (const run_queue* part : {&counted_, &incoming_}) {
      for (const detail::block* b = part->front(); b != nullptr; b = b->next) {
        if (!f(*b)) return;
      }
    }
  }

 private:
  run_queue incoming_;
  run_queue counted_;
  std::size_t counted_size_ = 0;
};

}  // namespace aemp::core
