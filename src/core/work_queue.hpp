// What waits for the ports of a worker, and its tasks: first in, first out. Where a port has limits, or the node has a
// limit of memory, what comes in is counted before it is dispatched (core/reception.hpp). So the queue has three
// parts: what came in; before that what cannot be counted yet; and first of all what was counted. One thread.
#pragma once

#include <cstddef>
#include <utility>

#include "core/run_queue.hpp"

namespace aemp::core {

class work_queue {
 public:
  bool empty() const noexcept { return incoming_.empty() && !has_counted(); }
  void push(detail::block* b) noexcept { incoming_.push(b); }
  // In front of all that waits: for a task that goes on with what it began. Whoever pops next gets it.
  void push_front(detail::block* b) noexcept {
    if (!has_counted()) return incoming_.push_front(b);
    counted_.push_front(b);
    ++counted_size_;
  }
  detail::block* pop() noexcept { return counted_.empty() ? pop_uncounted() : pop_counted(); }

  // What comes in, and is all that there is while nobody counts.
  run_queue& incoming() noexcept { return incoming_; }
  // From now on somebody counts. Who pops from incoming() finds nothing there any more.
  void close() noexcept {
    if (std::exchange(closed_, true)) return;
    incoming_.close_into(held_);
  }

  // Whether there is more than what came in.
  bool has_counted() const noexcept { return closed_ || !counted_.empty() || !held_.empty(); }
  detail::block* pop_uncounted() noexcept {
    reopen();
    return held_.empty() ? incoming_.pop() : held_.pop();
  }
  // This block, and all behind it, cannot be counted before some of those in front are done.
  void hold(detail::block* b) noexcept {
    reopen();
    held_.append(incoming_);
    held_.push_front(b);
  }

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
    for (const run_queue* part : {&counted_, &held_, &incoming_}) {
      for (const detail::block* b = part->front(); b != nullptr; b = b->next) {
        if (!f(*b)) return;
      }
    }
  }

 private:
  void reopen() noexcept {
    if (std::exchange(closed_, false)) incoming_.reopen_from(held_);
  }

  run_queue incoming_;
  run_queue held_;
  run_queue counted_;
  std::size_t counted_size_ = 0;
  bool closed_ = false;
};

}  // namespace aemp::core
