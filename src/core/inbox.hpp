// Where other threads leave blocks for a worker, one by one or in parcels (parcel.hpp). To push is one exchange on a
// shared word; the worker takes everything at once. The blocks of one thread arrive in the order it pushed them.
#pragma once

#include <atomic>

#include "core/parcel.hpp"

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

  // Any thread. True when the worker has announced that it sleeps: the caller wakes it.
  bool push(detail::block* b) noexcept {
    detail::block* head = head_.load(std::memory_order_relaxed);
    do {
      b->next = head;
    } while (!head_.compare_exchange_weak(head, b, std::memory_order_seq_cst, std::memory_order_relaxed));
    return sleeping_.load(std::memory_order_seq_cst) && sleeping_.exchange(false, std::memory_order_acq_rel);
  }

  // The worker's side from here on.
  bool empty() const noexcept { return head_.load(std::memory_order_seq_cst) == nullptr; }

  // The same as far as this thread knows: it sees what was pushed before anything that this thread has heard of.
  bool seems_empty() const noexcept { return head_.load(std::memory_order_relaxed) == nullptr; }

  void drain_to(run_queue& queue) noexcept {
    if (seems_empty()) return;
    for (detail::block* b = take_oldest_first(); b != nullptr;) {
      detail::block* const next = b->next;
      if (parcel* p = parcel::of(*b)) {
        p->unpack_to(queue);
      } else {
        queue.push(b);
      }
      b = next;
    }
  }

  // Announces that the worker sleeps. False: something has arrived meanwhile, and nothing is announced.
  bool try_sleep() noexcept {
    sleeping_.store(true, std::memory_order_seq_cst);
    if (empty()) return true;
    awake();
    return false;
  }
  void awake() noexcept { sleeping_.store(false, std::memory_order_relaxed); }

 private:
  // The newest is on top, so the chain is turned around.
  detail::block* take_oldest_first() noexcept {
    detail::block* b = head_.exchange(nullptr, std::memory_order_acquire);
    detail::block* turned = nullptr;
    while (b != nullptr) {
      detail::block* const next = std::exchange(b->next, turned);
      turned = b;
      b = next;
    }
    return turned;
  }

  alignas(64) std::atomic<detail::block*> head_{nullptr};
  std::atomic<bool> sleeping_{false};
};

}  // namespace aemp::core
