// A worker is one thread's part of a node: the loop that takes what other threads have left in its inbox, fires timers,
// has its ports handle their messages, and sleeps.
//
// Order: what other threads have asked of a worker comes before anything that the worker takes in later, from its own
// handlers, from timers, from the network. So what a thread asks for before it passes on a port's ID is done before
// anything that is sent to that port.
//
// Time: a turn lasts some milliseconds, however slow the handlers are; then the library's own timers and the network
// have theirs. Only a single handler that takes longer makes them wait.
//
// Everything here belongs to the worker's thread (the one that is in run() or turn(), or, before the first run(), the
// one that sets the node up), except post(), post_now(), stop(), heard_by_others() and ports().reserve().
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <aemp/export.hpp>

#include "core/clock.hpp"
#include "core/idle_tasks.hpp"
#include "core/inbox.hpp"
#include "core/losses.hpp"
#include "core/poller.hpp"
#include "core/port_space.hpp"
#include "core/run_queue.hpp"
#include "core/spin.hpp"
#include "core/timer_queue.hpp"

namespace aemp::core {

class worker {
 public:
  // `node` and `context` are the same node: who it is, and what a worker needs of it.
  worker(detail::local_node& node, node_context& context, const core::losses& losses, std::uint32_t index,
         core::clock& time, std::unique_ptr<poller> sleep);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  // The worker whose callback is running on this thread, or null.
  static worker* current() noexcept { return current_; }

  detail::local_node& node() const noexcept { return node_; }
  std::uint32_t index() const noexcept { return index_; }
  port_space& ports() noexcept { return ports_; }
  core::poller& poller() const noexcept { return *poller_; }
  // Before the first run().
  void set_poller(std::unique_ptr<core::poller> p) noexcept { poller_ = std::move(p); }
  // Called once each turn, for what has to look at the worker's affairs now and then.
  void set_turns_end(std::function<void()> f) { at_turns_end_ = std::move(f); }
  void set_spin(duration limit) noexcept { spin_.set_limit(limit); }
  core::clock& clock() const noexcept { return clock_; }

  // The time: as of the beginning of this turn, or of this moment while the poller serves sockets.
  time_point now() const noexcept { return polling_ ? clock_.now() : now_; }

  // ---- the loop ----
  // Until stop().
  void run();
  // One turn, without sleeping: what arrived, what is due, and up to a budget of what is queued. False when there is
  // nothing left to do now. For drivers with a clock of their own.
  AEMP_PRIVATE_API bool turn();
  // A turn, and then what the network brings, for a loop that is not ours. False: nothing is left to do now, and the next
  // post() wakes the poller.
  bool turn_and_poll();
  // After turn() had nothing left to do: the next post() wakes the poller. False: somebody has posted already.
  bool rest_until_woken() noexcept { return inbox_.try_sleep(); }
  // When the next timer is due.
  AEMP_PRIVATE_API std::optional<time_point> next_deadline() const;
  void stop() noexcept;  // any thread; lasts until forget_stop()
  bool is_stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }
  void forget_stop() noexcept { stopping_.store(false, std::memory_order_relaxed); }
  // After stop(): one more turn for the network and the library, until that moment at most. What waits for ports goes
  // on waiting.
  void serve_network(time_point until);
  // Ends all ports and drops all that waits. What this destroys may call the API; it has no effect any more.
  void shut_down() noexcept;

  // ---- ways in: each takes over the block ----
  // From the worker's thread: behind everything that is queued, and what other threads have pushed.
  void enqueue(detail::block* b) noexcept {
    if (!inbox_.seems_empty()) [[unlikely]]
      return enqueue_behind_inbox(b);
    ports_.queue().push(b);
  }
  // From any thread, in order; from another worker's thread in parcels that leave when they are full, and at the end of
  // its turn.
  void post(detail::block* b);
  // From any thread, at once, in order with earlier posts of this thread.
  void post_now(detail::block* b);

  // Runs f for the library: for the network, a timer of the library, an idle task. An exception is logged and counted,
  // and goes no further; then this is false. What f sends counts as sent by somebody who has heard of all losses: the
  // library hears of a loss when it begins.
  template <class F>
  bool enter(std::string_view what, F&& f) noexcept;

  void when_idle(idle_task& task) { idle_.add(task); }

  // Timers of ports and users; and those of the library, which never wait for a slow handler longer than a turn.
  timer_queue& timers() noexcept { return timers_; }
  timer_queue& own_timers() noexcept { return own_timers_; }

  // ---- losses (core/losses.hpp) ----
  // The last loss that what runs here has heard of.
  epoch heard() const noexcept { return inside_library_ ? losses_.latest() : heard_; }
  // The last loss whose handlers have all run here.
  epoch heard_by_others() const noexcept { return told_.load(std::memory_order_acquire); }
  void hear(std::unique_ptr<loss_news> news);

  std::uint64_t running_port() const noexcept { return ports_.running_port(); }
  std::uint64_t delivered() const noexcept { return ports_.delivered(); }
  const detail::node_identity* identity() const noexcept { return ports_.identity(); }
  void set_identity(const detail::node_identity* identity) noexcept;
  // A send may reach the ports of this identity directly. Nobody's while messages are traced, so that each takes the
  // long way, where a line can be written.
  const detail::node_identity* direct_identity() const noexcept { return direct_identity_; }

  // Nothing waits to be handled here, or to leave for another worker.
  bool is_through() const noexcept {
    return ports_.queue().empty() && inbox_.empty() &&
           std::ranges::all_of(parcels_, [](const outgoing& o) { return o.parcel.empty(); });
  }

  // For entry points that act on this worker from its thread but outside a turn.
  class scope;

 private:
  // What is collected for another worker of the node.
  struct outgoing {
    worker* to = nullptr;
    open_parcel parcel = {};
  };

  void set_tracing(bool on) noexcept;
  void run_timers(timer_queue& of);
  void run_timer(timer_queue& of, detail::owned& t);
  void collect_for(worker& to, detail::block* b);
  void flush(outgoing& o);
  void flush_parcels();
  void run_idle_tasks();
  void enqueue_behind_inbox(detail::block* b) noexcept;
  bool run_library_tasks();
  void poll(bool sleepless);
  void rest();
  bool search();
  void sleep();

  static constinit thread_local worker* current_ [[gnu::tls_model("initial-exec")]];

  detail::local_node& node_;
  node_context& context_;
  const core::losses& losses_;
  const std::uint32_t index_;
  const detail::node_identity* direct_identity_ = nullptr;
  port_space ports_;
  core::clock& clock_;
  time_point now_;
  bool resting_ = false;  // since turn_and_poll()
  bool polling_ = false;
  bool tracing_ = false;  // as of the beginning of this turn
  bool hearing_ = false;  // the news of a loss is told in part
  bool inside_library_ = false;
  bool shut_down_ = false;
  epoch heard_ = 0;
  std::atomic<epoch> told_{0};
  timer_queue timers_;
  timer_queue own_timers_;
  std::unique_ptr<core::poller> poller_;
  spin spin_;
  idle_tasks idle_;
  std::function<void()> at_turns_end_;
  std::vector<outgoing> parcels_;  // by the other worker's index
  std::atomic<bool> stopping_{false};
  inbox inbox_;
};

// While it lives, this thread acts as the worker: nested calls of the API take effect at once.
class worker::scope {
 public:
  AEMP_PRIVATE_API explicit scope(worker& w) noexcept;
  scope(const scope&) = delete;
  scope& operator=(const scope&) = delete;
  AEMP_PRIVATE_API ~scope();

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
    context_.report_exception(what, identity()->node);
  }
  inside_library_ = inside;
  return done;
}

}  // namespace aemp::core
