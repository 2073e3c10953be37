#include "core/own_timer.hpp"

#include <utility>

#include "core/worker.hpp"

namespace aemp::core {

void own_timer::start(worker& w, duration delay, std::function<void()> f) {
  cancel();
  pending_ = new detail::owned(detail::owned::kind::own_timer, w.node(), w.index(), 0,
                               detail::handler_ref(detail::make_handler([f = std::move(f)] { f(); })));
  pending_->due = later(w.now(), delay);
  w.own_timers().add(*pending_);
}

void own_timer::cancel() noexcept {
  if (pending_ == nullptr) return;
  detail::cancel(pending_);
  detail::release(std::exchange(pending_, nullptr));
}

}  // namespace aemp::core
