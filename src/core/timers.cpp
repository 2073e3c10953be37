#include "core/timers.hpp"

#include "core/local_node.hpp"

namespace aemp::core {

timers::~timers() { clear(); }

void timers::clear() noexcept {
  for (const entry& e : std::exchange(heap_, {})) {
    e.timer->heap_index = 0;
    e.timer->finish();
    detail::release(e.timer);
  }
}

void timers::place(std::size_t i, const entry& e) noexcept {
  heap_[i] = e;
  e.timer->heap_index = i + 1;
}

void timers::up(std::size_t i, entry e) noexcept {
  while (i > 0) {
    const std::size_t parent = (i - 1) / 2;
    if (!e.before(heap_[parent])) break;
    place(i, heap_[parent]);
    i = parent;
  }
  place(i, e);
}

void timers::down(std::size_t i, entry e) noexcept {
  for (;;) {
    std::size_t child = 2 * i + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(e)) break;
    place(i, heap_[child]);
    i = child;
  }
  place(i, e);
}

void timers::take_out(std::size_t i) noexcept {
  heap_[i].timer->heap_index = 0;
  const entry last = heap_.back();
  heap_.pop_back();
  if (i == heap_.size()) return;
  if (i > 0 && last.before(heap_[(i - 1) / 2])) {
    up(i, last);
  } else {
    down(i, last);
  }
}

void timers::add(detail::owned& t) {
  const entry e{t.due, added_++, &t};
  heap_.push_back(e);
  detail::retain(&t);
  up(heap_.size() - 1, e);
}

void timers::remove(detail::owned& t) noexcept {
  if (t.heap_index == 0) return;
  take_out(t.heap_index - 1);
  detail::release(&t);
}

detail::owned* timers::pop_due(time_point now) noexcept {
  if (heap_.empty() || heap_.front().due > now) return nullptr;
  detail::owned* t = heap_.front().timer;
  take_out(0);
  return t;
}

std::optional<time_point> timers::next() const {
  if (heap_.empty() || heap_.front().due == time_point::max()) return {};
  return heap_.front().due;
}

void timer::start(worker& w, duration delay, std::function<void()> f) {
  cancel();
  pending_ = new detail::owned(detail::owned::kind::own_timer, w.node(), w.index(), 0,
                               detail::handler_ref(detail::make_handler([f = std::move(f)] { f(); })));
  pending_->due = later(w.now(), delay);
  w.own_timer_queue().add(*pending_);
}

void timer::cancel() noexcept {
  if (pending_ == nullptr) return;
  detail::cancel(pending_);
  detail::release(std::exchange(pending_, nullptr));
}

}  // namespace aemp::core
