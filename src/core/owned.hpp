// Something that will happen later and belongs to a port: a monitor, a timer, a call that waits. It is linked
// to its owner and ends with it. Whoever waits for it (the watched port, the timer queue) and the user's
// handle hold references.
//
// The flag is atomic, so cancel() may be called anywhere; all else belongs to the owner's worker, except the
// `watched` hook, which belongs to the worker of the watched port.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <aemp/handler.hpp>
#include <aemp/monitor.hpp>
#include <aemp/port_id.hpp>

#include "core/clock.hpp"

namespace aemp::detail {

class local_node;
class owned;
struct node_identity;

// A place in a doubly linked list.
struct list_hook {
  list_hook* next = nullptr;
  list_hook* before = nullptr;
  owned* item = nullptr;

  bool linked() const noexcept { return next != nullptr; }
  void unlink() noexcept;
};

// A list of owned things that holds one reference to each.
class owned_list {
 public:
  owned_list() noexcept { head_.next = head_.before = &head_; }
  owned_list(const owned_list&) = delete;
  owned_list& operator=(const owned_list&) = delete;
  ~owned_list();

  bool empty() const noexcept { return head_.next == &head_; }
  void push(owned& item, list_hook& hook) noexcept;
  // Takes the oldest out; the caller owns the reference. Null when empty.
  owned* pop() noexcept;

  // The oldest, so many at most.
  template <class F>
  void for_each_of_first(std::size_t most, F&& f) const {
    for (list_hook* h = head_.next; h != &head_ && most != 0; h = h->next, --most) f(*h->item);
  }

  template <class F>
  void for_each(F&& f) const {
    for (list_hook* h = head_.next; h != &head_;) {
      list_hook* next = h->next;
      f(*h->item);
      h = next;
    }
  }

 private:
  list_hook head_;
};

class owned {
 public:
  // A stream is a record that keeps its port alive, as timers and calls do. An own timer is one of the
  // library's rooms.
  enum class kind : std::uint8_t { monitor, node_monitor, timer, own_timer, call, record, stream };

  owned(kind what, local_node& node, std::uint32_t worker, std::uint64_t port, handler_ref f);

  virtual ~owned() = default;

  // Records and streams: cancelled, or the owner has ended. On the network worker.
  virtual void taken_back() {}
  // For logs: "the monitor of a#b".
  virtual std::string description() const;

  const kind what;
  std::atomic<bool> over{false};  // has happened, or must not happen any more
  std::atomic<std::uint32_t> refs{1};
  local_node& node;  // may be gone, unless this is linked somewhere or happening; then `home` has no owner
  const node_identity& home;   // of the node
  const std::uint32_t worker;  // of the owner
  const std::uint64_t owner;   // the owning port; zero: none
  handler_ref handler;         // what happens
  list_hook owner_hook;        // in the owner's list
  list_hook watched_hook;      // monitors: in the watched port's list
  port_id watched;             // monitors
  std::uint64_t heard = 0;     // monitors: the last loss that whoever set it had heard of (core/losses.hpp)
  core::duration interval{0};  // timers that repeat
  core::time_point due;        // timers
  std::size_t heap_index = 0;  // timers: place in the queue, plus one; zero: not in it

  // True for exactly one caller: the one that makes it happen, or makes it not happen.
  bool finish() noexcept { return !over.exchange(true, std::memory_order_acq_rel); }
};

}  // namespace aemp::detail
