// The poller of a worker that has sockets: Boost.Asio's io_context, driven in turns. One thread runs it;
// other threads may wake it and post to it.
//
// Cost: a wake is one exchange while the worker is awake, and a system call only when it sleeps. A worker
// that waits for its sockets makes one system call per turn; and a second one, to collect what else is ready,
// only while that pays. The same holds for poll(), which is called until something is there. Neither takes
// longer than half a millisecond or so, however much is ready, since the worker has handlers and timers as well.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "core/poller.hpp"
#include "core/time_slice.hpp"

namespace aemp::net {

class asio_loop final : public core::poller {
 public:
  asio_loop();

  bool poll() override;
  // Returns up to a millisecond after `until`, the resolution of epoll.
  void wait(std::optional<core::time_point> until) override;
  void wake() noexcept override;

  // For the transport. Any thread may call boost::asio::post() to it; everything else belongs to the worker.
  boost::asio::io_context& context() noexcept { return context_; }

  // For a loop that is not ours: readable when poll() has something to do that no thread of this process has posted.
  int descriptor();
  // Another thread has posted something. `f` is called on that thread.
  void on_posted(std::function<void()> f) { on_posted_ = std::move(f); }
  void posted() const {
    if (on_posted_) on_posted_();
  }

 private:
  enum class state { awake, sleeping, woken };

  std::size_t run(std::optional<core::time_point> until);
  bool look_for_more(std::size_t handled);
  bool handle_ready();

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  core::time_slice slice_;  // for handlers
  std::function<void()> on_posted_;
  std::atomic<state> state_ = state::awake;
  bool searching_ = false;  // the last poll() found nothing, so it is called again and again
  bool busy_ = false;       // the last second look found more
  unsigned turns_ = 0;
};

}  // namespace aemp::net
