// How a node runs and stops: a thread for each worker, and what is said before they are all gone.
#include <algorithm>
#include <stdexcept>
#include <thread>

#include "core/extension.hpp"
#include "core/gateway.hpp"
#include "core/local_node.hpp"

namespace aemp::detail {

namespace {

// What stop() waits for, that long at most.
constexpr core::duration longest_last_words = std::chrono::seconds(5);
// How long a node that stops waits for others to take its goodbye.
constexpr core::duration longest_goodbye = std::chrono::seconds(1);

// Threads that run workers. However this ends, they have ended.
class worker_threads {
 public:
  explicit worker_threads(std::vector<std::unique_ptr<core::worker>>& workers) : workers_(workers) {}
  worker_threads(const worker_threads&) = delete;
  worker_threads& operator=(const worker_threads&) = delete;
  ~worker_threads() { join(); }

  void start() {
    try {
      for (std::size_t i = 1; i < workers_.size(); ++i)
        threads_.emplace_back([w = workers_[i].get()] { w->run(); });
    } catch (...) {
      for (auto& w : workers_) w->stop();
      join();
      for (auto& w : workers_) w->forget_stop();
      throw;
    }
  }
  void join() {
    for (std::thread& t : threads_) t.join();
    threads_.clear();
  }

 private:
  std::vector<std::unique_ptr<core::worker>>& workers_;
  std::vector<std::thread> threads_;
};

}  // namespace

int local_node::run() {
  {
    const std::lock_guard lock(stop_mutex_);
    if (std::exchange(running_, true)) {
      throw std::logic_error("run(): node " + id() +
                             " is running already, on this thread or another; run() is called once, and "
                             "returns after stop()");
    }
  }
  struct mark {
    local_node& node;
    ~mark() {
      const std::lock_guard lock(node.stop_mutex_);
      node.running_ = false;
    }
  } unmark{*this};
  worker_threads others(workers_);
  others.start();
  workers_[0]->run();
  others.join();
  if (is_leaving()) {
    say_last_words();
    leave();
  }
  const std::lock_guard lock(stop_mutex_);
  leaves_ = false;
  for (auto& w : workers_) w->forget_stop();
  return std::exchange(exit_code_, 0);
}

void local_node::say_last_words() noexcept {
  core::worker& w = *network_worker_;
  const core::time_point end = w.clock().now() + longest_last_words;
  const auto is_owed = [&] {
    return std::ranges::any_of(extensions_, [](const auto& e) { return e->has_last_words(); });
  };
  while (is_owed() && w.clock().now() < end) w.serve_network(end);
}

void local_node::leave() noexcept {
  core::worker::scope here(*network_worker_);
  network_worker_->enter("the end of a run", [this] {
    if (gateway_ == nullptr) return;
    gateway_->leave();
    core::clock& clock = network_worker_->clock();
    const core::time_point end = clock.now() + longest_goodbye;
    while (gateway_->is_finishing() && clock.now() < end)
      network_worker_->poller().wait(std::min(end, clock.now() + std::chrono::milliseconds(10)));
  });
}

// All workers or none: a stop that comes while run() ends counts for this run or for the next one.
void local_node::stop(int code) noexcept {
  const std::lock_guard lock(stop_mutex_);
  leaves_ = true;
  exit_code_ = code;
  for (auto& w : workers_) w->stop();
}

void local_node::pause(int code) noexcept {
  const std::lock_guard lock(stop_mutex_);
  exit_code_ = code;
  for (auto& w : workers_) w->stop();
}

bool local_node::is_leaving() const noexcept {
  const std::lock_guard lock(stop_mutex_);
  return leaves_;
}

}  // namespace aemp::detail
