#include "tool/watchdog.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
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
#include "tool/runner.hpp"

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

class watchdog {
 public:
  watchdog(const std::function<int(int)>& work, const watchdog_rules& rules) : work_(work), rules_(rules) {
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
  // Of one child; its wait status.
  int one_life() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
      throw std::runtime_error("the watchdog cannot make a pipe");
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("the watchdog cannot start a process");
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) std::_Exit(failed);
      ::close(signals_);
      ::close(pipe[0]);
      pthread_sigmask(SIG_SETMASK, &before_, nullptr);
      const int status = work_(pipe[1]);
      std::cout.flush();
      std::_Exit(status);  // what is static was made by the parent, and is its to destroy
    }
    ::close(pipe[1]);
    const int status = watch(pipe[0]);
    ::close(pipe[0]);
    child_ = 0;
    return status;
  }

  int watch(int heart) {
    std::optional<clock::time_point> due;  // for the next beat
    bool open = true;
    for (;;) {
      std::array<pollfd, 2> both = {{{signals_, POLLIN, 0}, {open ? heart : -1, POLLIN, 0}}};
      (void)::poll(both.data(), both.size(), due ? milliseconds_until(*due) : -1);
      std::array<char, 64> beats;
      if (const ssize_t n = open ? ::read(heart, beats.data(), beats.size()) : -1; n > 0) {
        due = clock::now() + rules_.silence;
      } else if (n == 0) {
        open = false;
        due.reset();
      }
      if (due && clock::now() >= *due) {
        log(1, "watchdog: the node does not do anything any more; it is killed");
        ::kill(child_, SIGKILL);
        due.reset();
      }
      take_signals();
      int status = 0;
      if (::waitpid(child_, &status, WNOHANG) == child_) return status;
    }
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

  // False: somebody wants the end.
  bool wait_for_signals(clock::time_point until) {
    while (!ending_ && clock::now() < until) {
      pollfd one = {signals_, POLLIN, 0};
      (void)::poll(&one, 1, milliseconds_until(until));
      take_signals();
    }
    return !ending_;
  }

  const std::function<int(int)>& work_;
  const watchdog_rules rules_;
  sigset_t before_{};
  int signals_ = -1;
  pid_t child_ = 0;
  bool ending_ = false;
};

}  // namespace

int watch_over(const std::function<int(int heartbeat)>& work, const watchdog_rules& rules) {
  return watchdog(work, rules).run();
}

}  // namespace aemp::tool
