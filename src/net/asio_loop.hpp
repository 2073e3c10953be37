// The poller of a worker that has sockets: Boost.Asio's io_context, driven in turns. One thread runs it;
// other threads may wake it, and may post to it.
//
// A wake costs one exchange while the worker is awake, and a system call only when it sleeps. A worker that
// waits for its sockets makes one system call per turn; a second one, to collect what else is ready, only
// while that pays. The same holds for poll() while it is called until something is there. Neither takes
// longer than a millisecond or two, however much is ready: the worker has handlers and timers as well.
#pragma once

#include <atomic>
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
  // Returns up to a millisecond after `until`; that is how finely epoll sleeps.
  void wait(std::optional<core::time_point> until) override;
  void wake() noexcept override;

  // For the transport. boost::asio::post() to it is allowed from any thread; everything else belongs to the
  // worker.
  boost::asio::io_context& context() noexcept { return context_; }

 private:
  enum class state { awake, sleeping, woken };

  std::size_t run(std::optional<core::time_point> until);
  bool look_for_more(std::size_t handled);
  bool handle_ready();

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  core::time_slice slice_;  // for handlers
  std::atomic<state> state_ = state::awake;
  bool searching_ = false;  // the last poll() found nothing: it is called again and again
  bool busy_ = false;       // the last look for more found more
  unsigned turns_ = 0;
};

}  // namespace aemp::net
