#include "tool/run/watchdog.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <aemp/log.hpp>

#include "tool/command.hpp"
#include "tool/run/runner.hpp"

namespace aemp::tool {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
  return set;
}

int milliseconds_until(clock::time_point due) {
  const auto left = std::chrono::ceil<milliseconds>(due - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

void wait_for(std::span<pollfd> any, int milliseconds) {
  if (::poll(any.data(), any.size(), milliseconds) < 0 && errno != EINTR)
    throw std::runtime_error(std::string("the watchdog cannot wait: ") + std::strerror(errno));
}

class watchdog {
 public:
  watchdog(const std::function<int(int)>& work, const watchdog_rules& rules) : work_(work), rules_(rules) {
    // The process that started us may have ignored SIGCHLD. Then the kernel would not tell us of a child's
    // end.
    ::sigaction(SIGCHLD, nullptr, &child_before_);
    ::signal(SIGCHLD, SIG_DFL);
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, &before_);
    signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) throw std::runtime_error("the watchdog cannot wait for signals");
  }
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog() {
    ::close(signals_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    ::sigaction(SIGCHLD, &child_before_, nullptr);
  }

  int run() {
    for (milliseconds pause = rules_.first_pause;;) {
      const auto begin = clock::now();
      const int status = one_life();
      if (WIFEXITED(status)) {
        const int code = WEXITSTATUS(status);
        if (code == done || code == misused || code == bad_config) return code;
        if (code == restart_status && !ending_) continue;
      }
      if (ending_) return failed;
      if (clock::now() - begin >= rules_.long_life) pause = rules_.first_pause;
      const std::string how = WIFSIGNALED(status)
                                  ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                  : "ended with status " + std::to_string(WEXITSTATUS(status));
      log(1,
          "watchdog: the node " + how + "; it is started again in " + std::to_string(pause.count()) + " ms");
      if (!wait_for_signals(clock::now() + pause)) return done;
      pause = std::min(2 * pause, rules_.longest_pause);
    }
  }

 private:
  // Runs one child, and returns its wait status.
  int one_life() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return not_started();
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) std::_Exit(failed);
      ::close(signals_);
      ::close(pipe[0]);
      pthread_sigmask(SIG_SETMASK, &before_, nullptr);
      be_child(pipe[1]);
    }
    ::close(pipe[1]);
    if (child_ < 0) {
      ::close(pipe[0]);
      return not_started();
    }
    const int status = watch(pipe[0]);
    ::close(pipe[0]);
    child_ = 0;
    return status;
  }

  // The machine may have the resources a little later, so this counts as a failure of the node.
  static int not_started() {
    log(1, std::string("watchdog: the node cannot be started: ") + std::strerror(errno));
    return W_EXITCODE(failed, 0);
  }

  // The child exits without destroying static objects: they belong to the parent, which made them.
  [[noreturn]] void be_child(int heartbeat) {
    int status = failed;
    try {
      status = work_(heartbeat);
    } catch (const std::exception& e) {
      log(0, std::string("the node has failed: ") + e.what());
    }
    std::cout.flush();
    std::_Exit(status);
  }

  int watch(int heart) {
    constexpr auto never = clock::time_point::max();
    auto due = never;  // for the next beat
    bool open = true;
    for (;;) {
      std::array<pollfd, 2> both = {{{signals_, POLLIN, 0}, {open ? heart : -1, POLLIN, 0}}};
      wait_for(both, milliseconds_until(due));
      std::array<char, 64> beats;
      if (const ssize_t n = open ? ::read(heart, beats.data(), beats.size()) : -1; n > 0) {
        due = beats[static_cast<std::size_t>(n) - 1] == heart_rests ? never : clock::now() + rules_.silence;
      } else if (n == 0 || (open && errno != EAGAIN && errno != EINTR)) {
        open = false;
        due = never;
      }
      if (is_overdue(due)) {
        log(1, "watchdog: the node does not do anything any more; it is killed");
        ::kill(child_, SIGKILL);
        due = never;
      }
      take_signals();
      int status = 0;
      const pid_t ended = ::waitpid(child_, &status, WNOHANG);
      if (ended == child_) return status;
      if (ended < 0 && errno != EINTR)
        throw std::runtime_error(std::string("the watchdog has lost its child: ") + std::strerror(errno));
    }
  }

  // If the watchdog itself stood still meanwhile (Ctrl-Z, a debugger), the node may have, too, and gets more
  // time.
  bool is_overdue(clock::time_point& due) const {
    const auto late = clock::now() - due;
    if (late < rules_.silence / 2) return late >= clock::duration::zero();
    due = clock::now() + rules_.silence;
    return false;
  }

  void take_signals() {
    signalfd_siginfo one{};
    while (::read(signals_, &one, sizeof one) == sizeof one) {
      const int signal = static_cast<int>(one.ssi_signo);
      if (signal == SIGCHLD) continue;
      if (signal != SIGHUP) ending_ = true;
      if (child_ > 0) ::kill(child_, signal);
    }
  }

  // False: somebody wants the watchdog to end.
  bool wait_for_signals(clock::time_point until) {
    while (!ending_ && clock::now() < until) {
      std::array<pollfd, 1> one = {{{signals_, POLLIN, 0}}};
      wait_for(one, milliseconds_until(until));
      take_signals();
    }
    return !ending_;
  }

  const std::function<int(int)>& work_;
  const watchdog_rules rules_;
  sigset_t before_{};
  struct sigaction child_before_ {};
  int signals_ = -1;
  pid_t child_ = 0;
  bool ending_ = false;
};

}  // namespace

int watch_over(const std::function<int(int heartbeat)>& work, const watchdog_rules& rules) {
  return watchdog(work, rules).run();
}

}  // namespace aemp::tool
