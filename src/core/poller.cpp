#include "core/poller.hpp"

#include <condition_variable>
#include <mutex>

namespace aemp::core {
namespace {

class condition_poller final : public poller {
 public:
  bool poll() override { return false; }

  void wait(std::optional<time_point> until) override {
    std::unique_lock lock(mutex_);
    const auto woken = [this] { return woken_; };
    if (until) {
      changed_.wait_until(lock, *until, woken);
    } else {
      changed_.wait(lock, woken);
    }
    woken_ = false;
  }

  void wake() noexcept override {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

}  // namespace

std::unique_ptr<poller> make_condition_poller() { return std::make_unique<condition_poller>(); }

}  // namespace aemp::core
