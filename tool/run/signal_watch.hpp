// The signals that `aemp run` obeys, taken by a thread of their own for as long as the command runs: also
// while the node is being made, which may wait for a name server, and while it goes away. SIGTERM and SIGINT
// drain the node for two seconds at most (node::drain), a second one ends it at once; SIGHUP makes it anew.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include <signal.h>

#include <aemp/aemp.hpp>

namespace aemp::tool {

// SIGUSR1, SIGUSR2 and SIGPIPE mean nothing to a node that runs, and would end it. For this process and those
// that it starts.
void ignore_stray_signals();
// SIGTERM, SIGINT and SIGHUP wait from now on, on this thread and those that it starts, until somebody takes
// them.
sigset_t block_ending_signals();

class signal_watch {
 public:
  // To be made before there are other threads. On SIGHUP `may_renew` is asked, on the thread of the watch.
  // Under a watchdog each signal may come twice: to the whole group, and passed on by the watchdog.
  signal_watch(bool has_watchdog, std::function<bool()> may_renew);
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  static constexpr int renew_code = -1;  // of node::run(), not of the process

  // A node is being made: until there is one, nothing could be lost, and the process ends at once.
  void node_begins();

  // Signals are for this node from here to there. Its run() may return immediately.
  class scope {
   public:
    scope(signal_watch& signals, node& n) : signals_(signals) { signals_.node_runs(n); }
    ~scope() { signals_.node_ends(); }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

   private:
    signal_watch& signals_;
  };

  bool ending() const;  // somebody wants the end

 private:
  enum class phase { making, running, leaving };

  void node_runs(node& n);
  void node_ends();
  void watch();
  void end(bool by_watchdog);
  void renew();
  void stop_node(int code);

  const sigset_t signals_;
  const bool has_watchdog_;
  const std::function<bool()> may_renew_;
  std::atomic<bool> over_ = false;

  mutable std::mutex mutex_;  // of all that follows
  phase phase_ = phase::making;
  node* node_ = nullptr;
  unsigned ends_asked_for_ = 0, ends_passed_on_ = 0;
  bool renew_later_ = false;  // SIGHUP came when there was no node

  std::thread thread_;
};

}  // namespace aemp::tool
