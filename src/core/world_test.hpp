// What the tests of this room share: a node whose time moves only when told and whose workers take turns on
// one thread; a node with real threads and a deadline; and a place where the log goes.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <aemp/aemp.hpp>

#include "core/local_node.hpp"

namespace aemp::core {

using namespace std::chrono_literals;

class still_clock final : public clock {
 public:
  time_point now() const noexcept override { return now_ += each_look_; }
  double unix_time() const noexcept override { return 1000.5; }
  void set(time_point t) noexcept { now_ = t; }
  // As if whatever lies between two looks took so long.
  void set_each_look(duration d) noexcept { each_look_ = d; }

 private:
  mutable time_point now_{std::chrono::hours(1)};
  duration each_look_{};
};

class no_poller final : public poller {
 public:
  bool poll() override { return false; }
  void wait(std::optional<time_point>) override { FAIL() << "a node that takes turns does not sleep"; }
  void wake() noexcept override {}
};

// A private node on one thread. `me` is what a user has of it.
class world {
  still_clock clock_;
  std::unique_ptr<detail::local_node> core_;

 public:
  explicit world(unsigned workers = 1, std::string id = "here", std::string uniq = "u",
                 std::size_t memory_limit = 0)
      : core_(std::make_unique<detail::local_node>(
            settings(workers, std::move(id), std::move(uniq), memory_limit))),
        me(*core_) {}

  detail::local_node& core() { return *core_; }
  still_clock& time() { return clock_; }
  worker& worker_at(std::uint32_t i = 0) { return core_->worker(i); }
  void destroy() { core_.reset(); }

  // Runs the workers in turn until there is nothing left to do at this moment.
  void settle() {
    // What a worker has for one before it leaves at the end of its turn, so one quiet round is not enough.
    for (int quiet = 0; quiet < 2; ++quiet) {
      const std::uint64_t before = delivered();
      bool more = false;
      for (unsigned i = 0; i < core_->worker_count(); ++i) more |= core_->worker(i).turn();
      if (more || delivered() != before || due()) quiet = -1;
    }
  }

  // Lets time pass, and everything happen that is due meanwhile, each at its time.
  void pass(duration d) {
    settle();
    const time_point end = clock_.now() + d;
    for (;;) {
      std::optional<time_point> next;
      for (unsigned i = 0; i < core_->worker_count(); ++i) {
        const auto deadline = core_->worker(i).next_deadline();
        if (deadline && (!next || *deadline < *next)) next = deadline;
      }
      if (!next || *next > end) break;
      clock_.set(*next);
      settle();
    }
    clock_.set(end);
    settle();
  }
  // As if the process had been asleep: nothing happens meanwhile.
  void oversleep(duration d) {
    clock_.set(clock_.now() + d);
    settle();
  }

  // Runs f as if it were called by something on that worker, outside of any port.
  template <class F>
  decltype(auto) on(std::uint32_t index, F&& f) {
    worker::scope here(core_->worker(index));
    return f();
  }
  template <class F>
  decltype(auto) inside(F&& f) {
    return on(0, std::forward<F>(f));
  }

 private:
  node_settings settings(unsigned workers, std::string id, std::string uniq, std::size_t memory_limit) {
    node_settings s;
    s.memory_limit = memory_limit;
    s.node_id = std::move(id);
    s.uniq = std::move(uniq);
    s.crew.workers = workers;
    s.crew.clock = &clock_;
    s.crew.make_poller = [](unsigned, bool) { return std::make_unique<no_poller>(); };
    return s;
  }
  std::uint64_t delivered() const {
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < core_->worker_count(); ++i) sum += core_->worker(i).delivered();
    return sum;
  }
  bool due() const {
    for (unsigned i = 0; i < core_->worker_count(); ++i) {
      const auto deadline = core_->worker(i).next_deadline();
      if (deadline && *deadline <= clock_.now()) return true;
    }
    return false;
  }

 public:
  contract_functions me;
};

// Ends the process, with a word, when it is not destroyed in time.
class watchdog {
 public:
  explicit watchdog(std::chrono::seconds limit = std::chrono::seconds(30))
      : thread_([this, limit] {
          std::unique_lock lock(mutex_);
          if (changed_.wait_for(lock, limit, [this] { return fed_; })) return;
          std::fputs("watchdog: the test did not end in time\n", stderr);
          std::abort();
        }) {}
  ~watchdog() {
    {
      std::lock_guard lock(mutex_);
      fed_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool fed_ = false;
  std::thread thread_;
};

// A private node with threads; run() returns after stop(), or the watchdog bites.
class threaded_node {
  detail::local_node core_;

 public:
  explicit threaded_node(unsigned workers, std::string id = "here", std::string uniq = "u",
                         std::size_t memory_limit = 0, bool blocks = true)
      : core_(settings(workers, std::move(id), std::move(uniq), memory_limit, blocks)), me(core_) {}

  int run() {
    watchdog dog;
    return core_.run();
  }
  void stop(int code = 0) { core_.stop(code); }
  detail::local_node& core() { return core_; }

 private:
  static node_settings settings(unsigned workers, std::string id, std::string uniq, std::size_t memory_limit,
                                bool blocks) {
    node_settings s;
    s.memory_limit = memory_limit;
    s.blocks_when_memory_full = blocks;
    s.node_id = std::move(id);
    s.uniq = std::move(uniq);
    s.crew.workers = workers;
    s.crew.clock = &steady_clock();
    s.crew.make_poller = [](unsigned, bool) { return make_condition_poller(); };
    return s;
  }

 public:
  contract_functions me;
};

// Catches the log while it lives.
class log_capture {
 public:
  struct line {
    int level;
    std::string text;
  };

  log_capture() {
    set_log_sink([this](int level, std::string_view text) {
      std::lock_guard lock(mutex_);
      lines_.push_back({level, std::string(text)});
    });
  }
  log_capture(const log_capture&) = delete;
  log_capture& operator=(const log_capture&) = delete;
  ~log_capture() { set_log_sink({}); }

  std::vector<line> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }
  // The texts of this level that contain `part`.
  std::vector<std::string> at(int level, std::string_view part = {}) const {
    std::vector<std::string> found;
    for (const line& l : lines()) {
      if (l.level == level && l.text.find(part) != std::string::npos) found.push_back(l.text);
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<line> lines_;
};

// What happened, in order: one word each.
class diary {
 public:
  void operator()(const std::string& word) { text_ += text_.empty() ? word : " " + word; }
  const std::string& text() const { return text_; }
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

}  // namespace aemp::core
