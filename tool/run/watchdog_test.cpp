#include "tool/run/watchdog.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <aemp/log.hpp>

#include "tool/command.hpp"
#include "tool/run/runner.hpp"

using namespace aemp::tool;
using namespace std::chrono_literals;

namespace {

// What is tested is that nothing happens in this time.
void pass(std::chrono::milliseconds time) {
  for (const auto until = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < until;)
    ::sched_yield();
}

bool is_stopped(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.substr(name_end, 4).find('T') != std::string::npos;
}

// Each life of the child counts itself, where the parent sees it.
class watchdogs : public testing::Test {
 protected:
  watchdogs()
      : lives_(static_cast<int*>(
            ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    aemp::set_log_sink([](int, std::string_view) {});
  }
  ~watchdogs() override {
    aemp::set_log_sink({});
    ::munmap(lives_, sizeof(int));
  }

  // In a process of its own, which may be stopped; what the watchdog returned.
  template <class Work>
  int in_child(Work work) const {
    const pid_t child = ::fork();
    if (child == 0) std::_Exit(watch_over(work, quick_));
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  int* lives_;
  const watchdog_rules quick_ = {
      .silence = 100ms, .first_pause = 5ms, .longest_pause = 20ms, .long_life = 60s};
};

}  // namespace

TEST_F(watchdogs, start_again_what_dies_until_it_ends_on_purpose) {
  const int status = watch_over(
      [this](int) {
        const int life = ++*lives_;
        if (life == 1) ::raise(SIGKILL);
        if (life == 2) return int(failed);
        if (life == 3) return restart_status;
        return int(done);
      },
      quick_);
  EXPECT_EQ(status, done);
  EXPECT_EQ(*lives_, 4);
}

TEST_F(watchdogs, do_not_repeat_what_cannot_succeed) {
  EXPECT_EQ(watch_over(
                [this](int) {
                  ++*lives_;
                  return int(bad_config);
                },
                quick_),
            bad_config);
  EXPECT_EQ(*lives_, 1);
}

TEST_F(watchdogs, kill_what_has_no_heartbeat_any_more) {
  const int status = watch_over(
      [this](int heartbeat) {
        if (++*lives_ > 1) return int(done);
        EXPECT_EQ(::write(heartbeat, ".", 1), 1);
        for (;;) ::pause();
      },
      quick_);
  EXPECT_EQ(status, done);
  EXPECT_EQ(*lives_, 2);
}

TEST_F(watchdogs, pass_on_that_they_are_to_end) {
  const int status = watch_over(
      [this](int) {
        ++*lives_;
        sigset_t term;
        sigemptyset(&term);
        sigaddset(&term, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &term, nullptr);
        ::kill(::getppid(), SIGTERM);
        int signal = 0;
        sigwait(&term, &signal);
        return signal == SIGTERM ? int(failed) : int(done);
      },
      quick_);
  EXPECT_EQ(status, failed);
  EXPECT_EQ(*lives_, 1);
}

TEST_F(watchdogs, see_the_end_of_what_they_watch_also_where_it_is_ignored) {
  struct sigaction before {};
  ::sigaction(SIGCHLD, nullptr, &before);
  ::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(watch_over(
                [this](int) {
                  if (++*lives_ == 1) ::raise(SIGKILL);
                  return int(done);
                },
                quick_),
            done);
  EXPECT_EQ(*lives_, 2);
  struct sigaction after {};
  ::sigaction(SIGCHLD, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_IGN) << "as it was";
  ::sigaction(SIGCHLD, &before, nullptr);
}

TEST_F(watchdogs, do_not_kill_what_stood_still_together_with_them) {
  const int status = in_child([this](int heartbeat) {
    if (++*lives_ > 1) return int(failed);
    EXPECT_EQ(::write(heartbeat, ".", 1), 1);
    ::kill(::getppid(), SIGSTOP);
    while (!is_stopped(::getppid())) ::sched_yield();
    pass(3 * quick_.silence);
    ::kill(::getppid(), SIGCONT);
    pass(quick_.silence / 2);
    return int(done);
  });
  EXPECT_EQ(status, done);
  EXPECT_EQ(*lives_, 1);
}

TEST_F(watchdogs, wait_while_a_heart_rests) {
  const int status = watch_over(
      [this](int heartbeat) {
        if (++*lives_ > 1) return int(failed);
        EXPECT_EQ(::write(heartbeat, &heart_beats, 1), 1);
        EXPECT_EQ(::write(heartbeat, &heart_rests, 1), 1);
        pass(3 * quick_.silence);
        EXPECT_EQ(::write(heartbeat, &heart_beats, 1), 1);
        return int(done);
      },
      quick_);
  EXPECT_EQ(status, done);
  EXPECT_EQ(*lives_, 1);
}

TEST_F(watchdogs, start_again_what_ends_by_an_exception) {
  const int status = watch_over(
      [this](int) -> int {
        if (++*lives_ == 1) throw std::runtime_error("it broke");
        return done;
      },
      quick_);
  EXPECT_EQ(status, done);
  EXPECT_EQ(*lives_, 2);
}
