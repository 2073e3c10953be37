// A worker is one thread's part of a node: a run queue, an inbox, timers, a table of ports, and the loop that
// serves them. A port lives on one worker for its whole life, so its callbacks never run at the same time and
// need no lock.
//
// Order: what other threads have asked of a worker comes before anything that the worker takes in later,
// from its own handlers, from timers, from the network. So what a thread does before it lets anybody know of
// a port is done before anything that depends on it.
//
// Time: a turn lasts some milliseconds, however slow the handlers are, and then the library's own timers and
// the network have theirs; only a single handler that takes longer makes them wait.
//
// Everything here belongs to the worker's thread (the one that is in run() or turn(), or, before the first
// run(), the one that holds it to set it up), except post(), post_now(), stop(), heard_by_others() and
// ports().reserve().
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "core/census.hpp"
#include "core/clock.hpp"
#include "core/handler_table.hpp"
#include "core/inbox.hpp"
#include "core/losses.hpp"
#include "core/poller.hpp"
#include "core/port_table.hpp"
#include "core/run_queue.hpp"
#include "core/spin.hpp"
#include "core/time_slice.hpp"
#include "core/timers.hpp"
#include "data/identity.hpp"

namespace aemp::detail {
class local_node;
}

namespace aemp::core {

struct port_extras;

// Something that wants to run once, when the worker has nothing more to deliver or has delivered enough:
// connections flush what they have collected. Unlinks itself when destroyed.
class idle_task {
 public:
  virtual void on_idle() = 0;

 protected:
  idle_task() = default;
  idle_task(const idle_task&) = delete;
  idle_task& operator=(const idle_task&) = delete;
  ~idle_task();

 private:
  friend class worker;
  worker* waiting_at_ = nullptr;
};

class worker {
 public:
  worker(detail::local_node& node, std::uint32_t index, clock& time, std::unique_ptr<poller> sleep);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  // The worker whose callback is running on this thread, or null.
  static worker* current() noexcept { return current_; }

  detail::local_node& node() const noexcept { return node_; }
  std::uint32_t index() const noexcept { return index_; }
  core::poller& poller() const noexcept { return *poller_; }
  // Before the first run().
  void set_poller(std::unique_ptr<core::poller> p) noexcept { poller_ = std::move(p); }
  void set_spin(duration limit) noexcept { spin_.set_limit(limit); }
  core::clock& clock() const noexcept { return clock_; }
  port_table& ports() noexcept { return ports_; }

  // The time: as of the beginning of this turn, or of this moment while the poller serves sockets.
  time_point now() const noexcept { return polling_ ? clock_.now() : now_; }

  // The loop, until stop().
  void run();
  // One turn, without sleeping: what arrived, what is due, and up to a budget of what is queued. False when
  // there is nothing left to do now. For drivers with a clock of their own.
  bool turn();
  // After turn() had nothing left to do: from now on the first that somebody posts wakes the poller. False:
  // somebody has posted already.
  bool rest_until_woken() noexcept { return inbox_.try_sleep(); }
  // When the next timer is due.
  std::optional<time_point> next_deadline() const;
  void stop() noexcept;  // any thread; lasts until forget_stop()
  // After stop(): one more turn for the network and the library, until that moment at most. What waits for
  // ports goes on waiting.
  void serve_network(time_point until);
  bool is_stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }
  void forget_stop() noexcept { stopping_.store(false, std::memory_order_relaxed); }

  // Ends all ports and drops all that waits. What this destroys may call the API; it has no effect any more.
  void shut_down() noexcept;

  // The door: runs f for the library, because of the network, a timer of the library, or what waited for the
  // worker to have nothing else to do. An exception is logged and counted, and goes no further; then this is
  // false. What f sends counts as sent by somebody who has heard of all losses: the library hears of them
  // when they happen.
  template <class F>
  bool enter(std::string_view what, F&& f) noexcept;

  // From the worker's thread: behind everything that is queued, and what other threads have pushed. Takes
  // over the block, as the other ways in do.
  void enqueue(detail::block* b) noexcept {
    if (!inbox_.seems_empty()) [[unlikely]]
      return enqueue_behind_inbox(b);
    queue_.push(b);
  }
  // From any thread, in order; from another worker's thread in batches that leave when they are large, and at
  // the end of its turn.
  void post(detail::block* b);
  // From any thread, at once, in order with earlier posts of this thread.
  void post_now(detail::block* b);

  void when_idle(idle_task& task) {
    if (task.waiting_at_ == nullptr) wait_for_idle(task);
  }

  // Timers of ports and users; and the library's own, which never wait for a slow handler longer than a turn.
  timers& timer_queue() noexcept { return timers_; }
  timers& own_timer_queue() noexcept { return own_timers_; }
  timers& queue_of(const detail::owned& timer) noexcept {
    return timer.what == detail::owned::kind::own_timer ? own_timers_ : timers_;
  }

  // ---- losses (core/losses.hpp) ----
  // The last loss that what runs here has heard of; as other threads may know it: all its handlers have run.
  epoch heard() const noexcept;
  epoch heard_by_others() const noexcept { return told_.load(std::memory_order_acquire); }
  void hear(std::unique_ptr<loss_news> news);

  // Ports of this worker. What is said here about a port that does not exist does nothing.
  void open_port(std::uint64_t port, std::string_view name);
  void register_handlers(std::uint64_t port, std::span<detail::registration> changes);
  port_extras& extras(port_entry& entry);
  void end_port(std::uint64_t port, const message& reason);
  // Runs a port's first function, and ends the port when it leaves nothing behind.
  void birth(std::uint64_t port, detail::handler& f, const message& arguments);
  // There is nothing to run: the port ends. A monitor that was set by whoever spawned it may still be on its
  // way, so the reason of this end, and of one in birth(), is remembered for a while.
  void birth_failed(std::uint64_t port, const message& reason);
  // Links what a port owns to it; false when there is no such port.
  bool own(std::uint64_t port, detail::owned& item);
  // A monitor or timer happens: its handler runs, later, on its owner's worker.
  static void fire(detail::owned& item, const message& reason);
  // Its handler runs, here and now.
  static void happen(detail::owned& item, const message& reason);
  // Calls its handler, and logs when that does not take what it is given.
  static void call_back(detail::owned& item, const message& content);

  // Calls (core/calls.cpp).
  void open_call(call_record& record);
  void end_call(std::uint64_t reply, detail::block* answer, const message& failure);
  // Runs f in the context of a port; an exception kills the port, or is logged when there is none.
  template <class F>
  void in_context(std::uint64_t port, F&& f) noexcept;

  std::uint64_t running_port() const noexcept { return running_; }
  const detail::node_identity* identity() const noexcept { return identity_; }
  void set_identity(const detail::node_identity* identity) noexcept {
    identity_ = identity;
    set_tracing(tracing_);
  }
  // The ports that a send may reach directly are those of this identity. None while messages are traced, so
  // that all take the long way, where there is time to write a line.
  const detail::node_identity* direct_identity() const noexcept { return direct_identity_; }

  std::uint64_t delivered() const noexcept { return delivered_; }
  // Nothing waits to be handled here, or to leave for another worker.
  bool is_through() const noexcept {
    return queue_.empty() && inbox_.empty() && std::ranges::all_of(outboxes_, &outbox::empty);
  }

  // For who looks from outside (census.hpp): so many ports at most, from a place of the table on; and what
  // waits. Cost: what is looked at, within fixed bounds.
  port_page count_ports(std::uint32_t from, std::size_t most);
  queue_facts count_queue() const;

  // For entry points that act on this worker from its thread but outside a turn.
  class scope;

 private:
  friend class idle_task;

  friend void detail::run_in_port(detail::local_node&, const port_id&, detail::block*, bool);

  void try_birth(std::uint64_t port, detail::handler& f, const message& arguments);
  port_id id_of(std::uint64_t port, const port_extras* extras) const;
  void dispatch_all();
  template <bool Traced>
  void dispatch_batch();
  template <bool Traced>
  void dispatch(detail::block& b);
  void trace_received(detail::block& b);
  void set_tracing(bool on) noexcept;
  bool deliver_to_tag(port_entry& entry, std::uint64_t port, detail::block& content);
  void remove_done_handlers(port_entry& entry, std::uint64_t port);
  void dispatch_message(std::uint64_t port, detail::block& content);
  void deliver(port_entry& entry, std::uint64_t port, detail::block& content);
  void run_task(detail::block& b);
  void run_timers(timers& of);
  void run_timer(timers& of, detail::owned& t);
  void report_drop(port_entry& entry, std::uint64_t port, detail::block& content);
  void collect_for(worker& to, detail::block* b);
  void flush_outbox(worker& to);
  void flush_outboxes();
  void wait_for_idle(idle_task& task);
  void run_idle_tasks();
  void enqueue_behind_inbox(detail::block* b) noexcept;
  bool run_library_tasks();
  void poll(bool sleepless);
  void rest();
  bool search();
  void sleep();
  void handle_exception(std::uint64_t port) noexcept;
  void handle_exception_in(std::string_view what) noexcept;

  static constinit thread_local worker* current_ [[gnu::tls_model("initial-exec")]];

  detail::local_node& node_;
  const std::uint32_t index_;
  std::uint64_t running_ = 0;     // the port whose callback runs
  std::uint64_t being_born_ = 0;  // the port whose first function runs
  const detail::node_identity* identity_ = nullptr;
  const detail::node_identity* direct_identity_ = nullptr;
  run_queue queue_;
  port_table ports_;
  std::uint64_t delivered_ = 0;
  core::clock& clock_;
  time_point now_;
  time_slice slice_;  // of this turn, for handlers
  bool polling_ = false;
  bool tracing_ = false;  // as of the beginning of this turn
  bool hearing_ = false;  // the news of a loss is told in part
  bool inside_library_ = false;
  bool shut_down_ = false;
  epoch heard_ = 0;
  std::atomic<epoch> told_{0};
  timers timers_;
  timers own_timers_;
  std::unique_ptr<core::poller> poller_;
  spin spin_;
  std::vector<idle_task*> idle_;  // null: destroyed meanwhile
  std::vector<outbox> outboxes_;  // for the other workers of the node, by index
  std::atomic<bool> stopping_{false};
  inbox inbox_;
};

// While it lives, this thread acts as the worker: nested calls of the API take effect at once.
class worker::scope {
 public:
  explicit scope(worker& w) noexcept;
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  ~scope();

 private:
  worker* before_;
};

template <class F>
bool worker::enter(std::string_view what, F&& f) noexcept {
  const bool inside = std::exchange(inside_library_, true);
  bool done = true;
  try {
    f();
  } catch (...) {
    done = false;
    handle_exception_in(what);
  }
  inside_library_ = inside;
  return done;
}

template <class F>
void worker::in_context(std::uint64_t port, F&& f) noexcept {
  const std::uint64_t before = std::exchange(running_, port);
  try {
    f();
  } catch (...) {
    handle_exception(port);
  }
  running_ = before;
}

}  // namespace aemp::core
