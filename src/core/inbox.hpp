// Where other threads leave blocks for a worker. Pushing is one exchange on a shared word, whatever the
// length of the chain; the worker takes everything at once and turns it around. What one thread pushes
// arrives in the order it pushed.
#pragma once

#include <atomic>

#include "core/run_queue.hpp"

namespace aemp::core {

class inbox {
 public:
  inbox() = default;
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox() {
    run_queue rest;
    drain_to(rest);
  }

  // Any thread. `oldest` … `newest` are linked by next, oldest first; or one and the same block. True when
  // the worker has announced that it sleeps: the caller wakes it.
  bool push(detail::block* oldest, detail::block* newest) noexcept {
    // The stack is newest first, so a chain goes in turned around; drain_to turns everything back.
    detail::block* turned = reverse(oldest, newest);
    detail::block* head = head_.load(std::memory_order_relaxed);
    do {
      oldest->next = head;
    } while (
        !head_.compare_exchange_weak(head, turned, std::memory_order_seq_cst, std::memory_order_relaxed));
    return sleeping_.load(std::memory_order_seq_cst) && sleeping_.exchange(false, std::memory_order_acq_rel);
  }

  // The worker's side from here on.
  bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == nullptr; }

  void drain_to(run_queue& queue) noexcept {
    if (head_.load(std::memory_order_relaxed) == nullptr) return;
    detail::block* newest = head_.exchange(nullptr, std::memory_order_acquire);
    detail::block* oldest = reverse(newest, nullptr);
    while (oldest != nullptr) {
      detail::block* next = oldest->next;
      queue.push(oldest);
      oldest = next;
    }
  }

  // Announces sleep; false (and no announcement) when something has arrived meanwhile.
  bool try_sleep() noexcept {
    sleeping_.store(true, std::memory_order_seq_cst);
    if (empty()) return true;
    awake();
    return false;
  }
  void awake() noexcept { sleeping_.store(false, std::memory_order_relaxed); }

 private:
  // Turns a chain around up to and including `last` (null: all of it) and returns its new head.
  static detail::block* reverse(detail::block* first, detail::block* last) noexcept {
    detail::block* turned = nullptr;
    for (detail::block* b = first; b != nullptr;) {
      detail::block* next = b->next;
      b->next = turned;
      turned = b;
      if (b == last) break;
      b = next;
    }
    return turned;
  }

  alignas(64) std::atomic<detail::block*> head_{nullptr};
  std::atomic<bool> sleeping_{false};
};

}  // namespace aemp::core
