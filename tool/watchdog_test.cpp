#include "tool/watchdog.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

#include <aemp/log.hpp>

#include "tool/command.hpp"
#include "tool/runner.hpp"

using namespace aemp::tool;
using namespace std::chrono_literals;

namespace {

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
