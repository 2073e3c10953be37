#include "tool/run/signal_watch.hpp"

#include <cstdlib>

#include <unistd.h>

#include "tool/command.hpp"

namespace aemp::tool {

void ignore_stray_signals() {
  for (int signal : {SIGUSR1, SIGUSR2, SIGPIPE}) ::signal(signal, SIG_IGN);
}

sigset_t block_ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

signal_watch::signal_watch(bool has_watchdog, std::function<bool()> may_renew)
    : signals_(block_ending_signals()), has_watchdog_(has_watchdog), may_renew_(std::move(may_renew)) {
  thread_ = std::thread([this] { watch(); });
}

// Any signal that it waits for wakes the thread, which then sees that it is over.
signal_watch::~signal_watch() {
  over_ = true;
  pthread_kill(thread_.native_handle(), SIGHUP);
  thread_.join();
}

void signal_watch::node_begins() {
  std::lock_guard lock(mutex_);
  phase_ = phase::making;
  if (ends_asked_for_ + ends_passed_on_ > 0) std::_Exit(done);
}

void signal_watch::node_runs(node& n) {
  std::lock_guard lock(mutex_);
  phase_ = phase::running;
  node_ = &n;
  if (std::exchange(renew_later_, false)) pthread_kill(thread_.native_handle(), SIGHUP);
}

void signal_watch::node_ends() {
  std::lock_guard lock(mutex_);
  phase_ = phase::leaving;
  node_ = nullptr;
}

bool signal_watch::ending() const {
  std::lock_guard lock(mutex_);
  return ends_asked_for_ + ends_passed_on_ > 0;
}

void signal_watch::watch() {
  for (;;) {
    siginfo_t what{};
    const int signal = sigwaitinfo(&signals_, &what);
    if (over_) return;
    if (signal < 0) continue;  // interrupted, which is all that can happen
    if (signal == SIGHUP) {
      renew();
    } else {
      end(has_watchdog_ && what.si_code == SI_USER && what.si_pid == ::getppid());
    }
  }
}

void signal_watch::end(bool by_watchdog) {
  std::lock_guard lock(mutex_);
  const unsigned times = ++(by_watchdog ? ends_passed_on_ : ends_asked_for_);
  if (phase_ == phase::making) std::_Exit(done);
  if (times > 1) std::_Exit(failed);
  stop_node(done);
}

// A node that has been asked to end is not made anew.
void signal_watch::renew() {
  {
    std::lock_guard lock(mutex_);
    if (ends_asked_for_ + ends_passed_on_ > 0) return;
    if (phase_ != phase::running) {
      renew_later_ = true;
      return;
    }
  }
  if (!may_renew_()) return;
  std::lock_guard lock(mutex_);
  stop_node(renew_code);
}

// Supervisors wait longer than this before they kill. A second signal ends the node at once.
void signal_watch::stop_node(int code) {
  constexpr std::chrono::seconds limit(2);
  if (node_ != nullptr) node_->drain(limit, code);
}

}  // namespace aemp::tool
