#include "core/timer_queue.hpp"

#include <utility>

namespace aemp::core {

timer_queue::~timer_queue() { clear(); }

void timer_queue::clear() noexcept {
  for (const entry& e : std::exchange(heap_, {})) {
    e.timer->heap_index = 0;
    e.timer->finish();
    detail::release(e.timer);
  }
}

void timer_queue::place(std::size_t i, const entry& e) noexcept {
  heap_[i] = e;
  e.timer->heap_index = i + 1;
}

void timer_queue::up(std::size_t i, entry e) noexcept {
  while (i > 0) {
    const std::size_t parent = (i - 1) / 2;
    if (!e.before(heap_[parent])) break;
    place(i, heap_[parent]);
    i = parent;
  }
  place(i, e);
}

void timer_queue::down(std::size_t i, entry e) noexcept {
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

void timer_queue::take_out(std::size_t i) noexcept {
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

void timer_queue::add(detail::owned& t) {
  const entry e{t.due, added_++, &t};
  heap_.push_back(e);
  detail::retain(&t);
  up(heap_.size() - 1, e);
}

void timer_queue::remove(detail::owned& t) noexcept {
  if (t.heap_index == 0) return;
  take_out(t.heap_index - 1);
  detail::release(&t);
}

detail::owned* timer_queue::pop_due(time_point now) noexcept {
  if (heap_.empty() || heap_.front().due > now) return nullptr;
  detail::owned* t = heap_.front().timer;
  take_out(0);
  return t;
}

std::optional<time_point> timer_queue::next() const {
  if (heap_.empty() || heap_.front().due == time_point::max()) return {};
  return heap_.front().due;
}

}  // namespace aemp::core
