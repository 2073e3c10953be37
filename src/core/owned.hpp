// What belongs to a port and waits for something: a monitor, a timer, a call that waits for its reply. It is linked to
// its owner and ends with it. Three hold references: the owner, what it waits for (the watched port, the timer queue),
// and the user's handle.
//
// `over` is atomic, so cancel() may be called on any thread. Everything else belongs to the owner's worker, except
// `watched_hook`, which belongs to the worker of the watched port.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <aemp/handler.hpp>
#include <aemp/monitor.hpp>
#include <aemp/port_id.hpp>

#include "core/clock.hpp"
#include "core/epoch.hpp"

namespace aemp::detail {
class local_node;
struct node_identity;
}  // namespace aemp::detail

namespace aemp::core {

// A place in a doubly linked ring: the head of a list, or an item's.
struct list_place {
  list_place* next = nullptr;
  list_place* before = nullptr;
};
struct list_hook : list_place {
  detail::owned* item = nullptr;

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
  void push(detail::owned& item, list_hook& hook) noexcept;
  // Takes the oldest out; the caller owns the reference. Null when empty.
  detail::owned* pop() noexcept;

  // Fires all of them, and empties the list.
  void fire_all(const message& reason);
  // Empties the list. None of what was in it fires any more.
  void finish_all() noexcept;

  // The oldest, so many at most.
  template <class F>
  void for_each_of_first(std::size_t most, F&& f) const {
    for (list_place* p = head_.next; p != &head_ && most != 0; p = p->next, --most)
      f(*static_cast<list_hook*>(p)->item);
  }

  template <class F>
  void for_each(F&& f) const {
    for (list_place* p = head_.next; p != &head_;) {
      list_place* const next = p->next;
      f(*static_cast<list_hook*>(p)->item);
      p = next;
    }
  }

 private:
  list_place head_;
};

}  // namespace aemp::core

namespace aemp::detail {

class owned {
 public:
  // A stream is a record that keeps its port alive, as timers and calls do. An own timer is one of the library itself.
  enum class kind : std::uint8_t { monitor, node_monitor, timer, own_timer, call, record, stream };

  owned(kind what, local_node& node, std::uint32_t worker, std::uint64_t port, handler_ref f);

  virtual ~owned() = default;

  // Records and streams: cancelled, or the owner has ended. On the network worker.
  virtual void taken_back() {}
  // For logs: "the monitor of a#b".
  virtual std::string description() const;

  // The handler is to run: later, on the owner's worker. Any thread.
  void fire(const message& reason);
  // The handler runs here and now, unless this was cancelled. On the owner's worker.
  void fire_now(const message& reason);
  // The handler runs. Logs a line when it does not take what it is given.
  void call_handler(const message& content);

  const kind what;
  std::atomic<bool> over{false};  // has fired, or must not fire any more
  std::atomic<std::uint32_t> refs{1};
  // The node may be gone, unless this is linked somewhere or its handler runs; then `home` has no owner.
  local_node& node;
  const node_identity& home;   // of the node
  const std::uint32_t worker;  // of the owner
  const std::uint64_t owner;   // the owning port; zero: none
  handler_ref handler;
  core::list_hook owner_hook;    // in the owner's list
  core::list_hook watched_hook;  // monitors: in the watched port's list
  port_id watched;               // monitors
  core::epoch heard = 0;         // monitors: the last loss that whoever set it had heard of (core/losses.hpp)
  core::duration interval{0};    // timers that repeat
  core::time_point due;          // timers
  std::size_t heap_index = 0;    // timers: place in the queue, plus one; zero: not in it

  // True for exactly one caller: the one that fires it, or ends it without.
  bool finish() noexcept { return !over.exchange(true, std::memory_order_acq_rel); }
  // Takes it out of its owner's list.
  void leave_owner() noexcept;
};

}  // namespace aemp::detail
