// Why a wake is not lost: wake() leaves `woken` behind whatever the state was, and only wait() takes it away,
// at its end or instead of sleeping. When it finds `sleeping`, the worker is inside run() or about to enter
// it, and stop() ends run() in both cases. A stop() that comes late, after the worker got up by itself, cuts
// some later turn short and no more: every turn begins by undoing it. stop() rather than post(), because it
// allocates nothing and so cannot fail.
#include "net/asio_loop.hpp"

#include <boost/asio/detail/concurrency_hint.hpp>

namespace aemp::net {

// The io_context's queue is locked, for post() and stop(); its sockets are not, for only the worker touches
// them.
asio_loop::asio_loop() : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO), work_(context_.get_executor()) {}

void asio_loop::poll() {
  if (context_.stopped()) context_.restart();
  context_.poll();
}

void asio_loop::wait(std::optional<core::time_point> until) {
  // Before `sleeping` is announced: afterwards this would undo the very stop() that wakes us.
  if (context_.stopped()) context_.restart();
  state expected = state::awake;
  if (state_.compare_exchange_strong(expected, state::sleeping, std::memory_order_acq_rel)) {
    run(until);
  } else {
    context_.poll();
  }
  state_.exchange(state::awake, std::memory_order_acq_rel);
}

void asio_loop::run(std::optional<core::time_point> until) {
  std::size_t handled = 0;
  if (!until) {
    handled = context_.run_one();
  } else if (*until <= core::time_point::clock::now()) {
    context_.poll();
    return;
  } else {
    handled = context_.run_one_until(*until);
  }
  // One handler ran. Whether others are ready costs a system call to find out: done while the answer was yes,
  // and now and then.
  if (handled != 0 && (busy_ || ++turns_ % 16 == 0)) busy_ = context_.poll() != 0;
}

void asio_loop::wake() noexcept {
  if (state_.exchange(state::woken, std::memory_order_acq_rel) == state::sleeping) context_.stop();
}

}  // namespace aemp::net
