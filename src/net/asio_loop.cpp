// Why a wake is not lost: wake() leaves `woken` behind whatever the state was, and only wait() takes it away,
// at its end or instead of sleeping. If wake() finds `sleeping`, the worker is inside run() or about to enter
// it, and stop() ends run() in both cases. A late stop(), after the worker got up by itself, merely cuts some
// later turn short: every turn begins by undoing it. stop() rather than post(), because it allocates nothing
// and so cannot fail.
#include "net/asio_loop.hpp"

#include <boost/asio/detail/concurrency_hint.hpp>
#include <boost/asio/detail/epoll_reactor.hpp>

namespace aemp::net {
namespace {

// How long the handlers of network events may hold up messages and the worker's timers.
constexpr core::duration longest_poll = std::chrono::microseconds(250);

// Asio does not say in which epoll it waits. An explicit instantiation may name a private member, so this needs no
// change of Asio, and stops compiling if the member is ever called otherwise.
using reactor = boost::asio::detail::epoll_reactor;
int epoll_of(reactor& r);
template <int reactor::*Member>
struct opened {
  friend int epoll_of(reactor& r) { return r.*Member; }
};
template struct opened<&reactor::epoll_fd_>;

}  // namespace

// Only the worker touches the sockets, so asio does not lock them. It does lock its queue, for post() and
// stop().
asio_loop::asio_loop()
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(context_.get_executor()),
      slice_(core::steady_clock()) {}

bool asio_loop::poll() {
  if (context_.stopped()) context_.restart();
  const bool found = searching_ ? look_for_more(context_.poll_one()) : handle_ready();
  searching_ = !found;
  return found;
}

void asio_loop::wait(std::optional<core::time_point> until) {
  // Must come before `sleeping` is announced: later it would undo the very stop() that wakes us.
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

// It costs a system call to find out whether more handlers are ready. So we ask only while the answer was
// yes, and otherwise now and then.
bool asio_loop::look_for_more(std::size_t handled) {
  if (handled != 0 && (busy_ || ++turns_ % 16 == 0)) busy_ = handle_ready();
  return handled != 0;
}

// Peers decide how much is ready, and new things become ready meanwhile, so this might never end without a
// limit. What is left comes first the next time.
bool asio_loop::handle_ready() {
  slice_.begin(core::time_point::clock::now(), longest_poll);
  bool found = false;
  while (context_.poll_one() != 0) {
    found = true;
    if (slice_.over()) break;
  }
  return found;
}

int asio_loop::descriptor() { return epoll_of(boost::asio::use_service<reactor>(context_)); }

void asio_loop::wake() noexcept {
  if (state_.exchange(state::woken, std::memory_order_acq_rel) == state::sleeping) context_.stop();
}

}  // namespace aemp::net
