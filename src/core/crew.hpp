// The workers of a node, and the ways from one to another. The first `ports()` workers may have ports. All connections
// belong to one worker, the network worker: the first, or with `network_thread` one more that has no ports.
//
// Any thread, unless it says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <aemp/handler.hpp>

#include "core/losses.hpp"
#include "core/worker.hpp"

namespace aemp::core {

// What a crew is built from. `make_poller` is called once for each worker.
struct crew_settings {
  unsigned workers = 1;         // zero: as many as the machine has CPUs
  bool network_thread = false;  // one worker more, for the network alone
  core::clock* clock = nullptr;
  std::function<std::unique_ptr<core::poller>(unsigned worker, bool network)> make_poller;
  core::duration spin = {};  // how long a worker looks for work before it sleeps; zero: not at all
};

class crew {
 public:
  // Throws std::invalid_argument for more workers than port numbers can name.
  crew(detail::local_node& node, node_context& context, const crew_settings& settings);
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  detail::local_node& node() const noexcept { return node_; }
  worker& at(std::uint32_t index) noexcept { return *workers_[index]; }
  worker& network() noexcept { return *network_; }
  unsigned size() const noexcept { return static_cast<unsigned>(workers_.size()); }
  unsigned ports() const noexcept { return ports_; }

  // The worker of this node that runs on this thread, or null.
  worker* here() const noexcept {
    worker* const w = worker::current();
    return w != nullptr && &w->node() == &node_ ? w : nullptr;
  }
  // The same, or else the first worker.
  worker& home() noexcept {
    worker* const w = here();
    return w != nullptr ? *w : *workers_[0];
  }
  // The worker of a port. A number that another node made up may name one that does not exist.
  worker& of(std::uint64_t port) noexcept { return *workers_[port_number::worker(port)]; }
  bool has(std::uint64_t port) const noexcept { return port_number::worker(port) < workers_.size(); }
  // The workers that may have ports, in turn.
  std::uint32_t next() noexcept {
    return ports_ == 1 ? 0 : turns_.fetch_add(1, std::memory_order_relaxed) % ports_;
  }

  // f() runs on that worker: at once if this thread is that worker, else by a task that leaves at once, so that it is
  // there before any message that this thread causes.
  template <class F>
  void on(worker& w, F&& f) {
    if (here() == &w) {
      f();
    } else {
      w.post_now(detail::make_task(std::decay_t<F>(std::forward<F>(f))));
    }
  }
  // Calls f(heard) with the last loss that this thread has heard of. What f sends with that is on its way when f
  // returns.
  template <class F>
  decltype(auto) tagged(F&& f) {
    if (const worker* w = here()) return f(w->heard());
    const losses::tagger tag(losses_);
    return f(workers_[0]->heard_by_others());
  }
  // The same on the network worker, in order with what this thread sends.
  template <class F>
  void at_network(F&& f) {
    tagged([&](epoch heard) {
      if (here() == network_) return f(heard);
      network_->post(
          detail::make_task([f = std::decay_t<F>(std::forward<F>(f)), heard]() mutable { f(heard); }));
    });
  }
  // Asks a port, in order with what this thread sends to it (core/intake.hpp).
  void ask(std::uint64_t port, port_question what, std::string who, const port_id& reply);
  core::losses& losses() noexcept { return losses_; }
  const core::losses& losses() const noexcept { return losses_; }

  // ---- for the node ----
  // Runs all workers until each was stopped: the first on this thread. Throws std::system_error when there is no
  // thread for a worker; then none has run.
  void run();
  // The others only, on threads of their own, until they were stopped: for a first worker that is driven otherwise.
  void start_others();
  void join_others();
  void stop() noexcept;         // any thread
  void forget_stop() noexcept;  // while none runs
  void set_identity(const detail::node_identity* identity) noexcept;
  // Ends all ports. While no worker runs.
  void shut_down() noexcept;
  void clear() noexcept { workers_.clear(); }

 private:
  detail::local_node& node_;
  const unsigned ports_;
  core::losses losses_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::thread> others_;
  worker* network_ = nullptr;
  std::atomic<std::uint32_t> turns_{0};
};

}  // namespace aemp::core
