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

bool asio_loop::poll() {
  if (context_.stopped()) context_.restart();
  const bool found = searching_ ? look_for_more(context_.poll_one()) : context_.poll() != 0;
  searching_ = !found;
  return found;
}

void asio_loop::wait(std::optional<core::time_point> until) {
  // Before `sleeping` is announced: afterwards this would undo the very stop() that wakes us.
  if (context_.stopped()) context_.restart();
  state expected = state::awake;
  if (state_.compare_exchange_strong(expected, state::sleeping, std::memory_order_acq_rel)) {
    look_for_more(run(until));
  } else {
    look_for_more(context_.poll_one());
  }
  state_.exchange(state::awake, std::memory_order_acq_rel);
}

std::size_t asio_loop::run(std::optional<core::time_point> until) {
  if (!until) return context_.run_one();
  if (*until <= core::time_point::clock::now()) return context_.poll_one();
  return context_.run_one_until(*until);
}

// One handler ran, or none. Whether others are ready costs a system call to find out: done while the answer
// was yes, and now and then.
bool asio_loop::look_for_more(std::size_t handled) {
  if (handled != 0 && (busy_ || ++turns_ % 16 == 0)) busy_ = context_.poll() != 0;
  return handled != 0;
}

void asio_loop::wake() noexcept {
  if (state_.exchange(state::woken, std::memory_order_acq_rel) == state::sleeping) context_.stop();
}

}  // namespace aemp::net
