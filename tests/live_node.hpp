// A node that runs on a thread of its own for the length of a test, and a log that can be read.
#pragma once

#include <aemp/aemp.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aemp::testing {

// Collects the log while it lives; one at a time.
class log_watch {
 public:
  log_watch();
  log_watch(const log_watch&) = delete;
  log_watch& operator=(const log_watch&) = delete;
  ~log_watch();

  // Waits until a line with `part` in it is there, and returns it; "" after ten seconds.
  std::string wait_for(std::string_view part);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

class live_node {
 public:
  explicit live_node(config settings) : node(without_file(std::move(settings))) {}
  live_node(const live_node&) = delete;
  live_node& operator=(const live_node&) = delete;
  ~live_node() {
    if (!thread_.joinable()) return;
    node.stop();
    thread_.join();
  }

  // After the ports have been set up.
  void start() {
    thread_ = std::thread([this] { node.run(); });
  }
  std::string endpoint() const { return node.listening().front(); }

  aemp::node node;

 private:
  static config without_file(config settings) {
    settings.norc = true;
    return settings;
  }

  std::thread thread_;
};

// Something that a callback delivers and a test waits for.
template <class T>
class awaited {
 public:
  void set(T value) {
    std::lock_guard lock(mutex_);
    value_ = std::move(value);
    changed_.notify_all();
  }
  // Throws std::runtime_error after ten seconds.
  T get() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [this] { return value_.has_value(); })) {
      throw std::runtime_error("what the test waits for has not happened in 10 s");
    }
    return std::move(*std::exchange(value_, {}));
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<T> value_;
};

}  // namespace aemp::testing
