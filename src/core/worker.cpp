#include "core/worker.hpp"

#include "core/local_node.hpp"
#include "core/trace.hpp"

namespace aemp::core {

using detail::block;

constinit thread_local worker* worker::current_ [[gnu::tls_model("initial-exec")]] = nullptr;

namespace {

// Messages delivered before timers and sockets get their turn: enough to make that turn cheap, few enough
// that they wait for well under a millisecond.
constexpr int turn_budget = 1024;

}  // namespace

idle_task::~idle_task() {
  if (waiting_at_ != nullptr) std::ranges::replace(waiting_at_->idle_, this, nullptr);
}

worker::worker(detail::local_node& node, std::uint32_t index, core::clock& time,
               std::unique_ptr<core::poller> sleep)
    : node_(node), index_(index), ports_(index), clock_(time), now_(time.now()), poller_(std::move(sleep)) {}

worker::~worker() {
  scope here(*this);
  for (idle_task* task : idle_) {
    if (task != nullptr) task->waiting_at_ = nullptr;
  }
}

worker::scope::scope(worker& w) noexcept : before_(std::exchange(current_, &w)) {
  detail::set_home_identity(w.identity_);
}

worker::scope::~scope() {
  current_ = before_;
  detail::set_home_identity(before_ != nullptr ? before_->identity_ : nullptr);
}

void worker::run() {
  scope here(*this);
  while (!stopping_.load(std::memory_order_acquire)) {
    const bool more = turn();
    if (stopping_.load(std::memory_order_acquire)) break;
    polling_ = true;
    if (more) {
      poller_->poll();
    } else {
      rest();
    }
    polling_ = false;
  }
}

// There is nothing to do.
void worker::rest() {
  if (!spin_.enabled()) return sleep();
  if (spin_.pays()) {
    const bool found = search();
    spin_.searched(found);
    if (found) return;
  }
  const time_point before = clock_.now();
  sleep();
  spin_.slept(clock_.now() - before);
}

// True when there is something to do now.
bool worker::search() {
  const time_point end = clock_.now() + spin_.limit();
  const std::optional<time_point> deadline = timers_.next();
  for (;;) {
    if (poller_->poll() || !inbox_.empty() || stopping_.load(std::memory_order_relaxed)) return true;
    const time_point time = clock_.now();
    if (deadline && time >= *deadline) return true;
    if (time >= end) return false;
  }
}

void worker::sleep() {
  if (!inbox_.try_sleep()) return;
  poller_->wait(timers_.next());
  inbox_.awake();
}

bool worker::turn() {
  scope here(*this);
  now_ = clock_.now();
  if (tracing_ != is_tracing()) [[unlikely]]
    set_tracing(!tracing_);
  inbox_.drain_to(queue_);
  run_timers();
  dispatch_all(turn_budget);
  run_idle_tasks();
  flush_outboxes();
  return !queue_.empty() || !inbox_.empty() || !idle_.empty();
}

// A worker that is told to stop finishes its turn first.
void worker::stop() noexcept {
  stopping_.store(true, std::memory_order_release);
  poller_->wake();
}

void worker::post(block* b) {
  worker* from = current_;
  if (from == this) {
    enqueue(b);
  } else if (from != nullptr && &from->node_ == &node_) {
    from->collect_for(*this, b);
  } else {
    post_now(b);
  }
}

void worker::post_now(block* b) {
  worker* from = current_;
  if (from != nullptr && from != this && &from->node_ == &node_) from->flush_outbox(*this);
  if (inbox_.push(b)) poller_->wake();
}

void worker::collect_for(worker& to, block* b) {
  if (to.index_ >= outboxes_.size()) outboxes_.resize(to.index_ + std::size_t{1});
  outbox& out = outboxes_[to.index_];
  out.put(b);
  if (out.full()) flush_outbox(to);
}

void worker::flush_outbox(worker& to) {
  if (to.index_ >= outboxes_.size() || outboxes_[to.index_].empty()) return;
  if (to.inbox_.push(outboxes_[to.index_].take())) to.poller_->wake();
}

void worker::flush_outboxes() {
  for (std::uint32_t i = 0; i < outboxes_.size(); ++i) {
    if (!outboxes_[i].empty()) flush_outbox(node_.worker(i));
  }
}

void worker::wait_for_idle(idle_task& task) {
  task.waiting_at_ = this;
  idle_.push_back(&task);
}

// What an idle task asks for anew waits for the next turn.
void worker::run_idle_tasks() {
  const std::size_t count = idle_.size();
  for (std::size_t i = 0; i < count; ++i) {
    idle_task* const task = std::exchange(idle_[i], nullptr);
    if (task == nullptr) continue;
    task->waiting_at_ = nullptr;
    task->on_idle();
  }
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(count));
}

void worker::run_timers() {
  // Only what is due now: a timer that starts another with no delay does not hold up the queue.
  for (std::size_t n = timers_.size(); n > 0; --n) {
    detail::owned* t = timers_.pop_due(now_);
    if (t == nullptr) return;
    const bool repeats = t->interval > duration::zero();
    if (repeats ? !t->over.load(std::memory_order_relaxed) : t->finish()) {
      if (repeats) {
        // What is late happens once, and then again when it would have.
        t->due += t->interval * (1 + (now_ - t->due) / t->interval);
        timers_.add(*t);
      }
      detail::outcome o = detail::outcome::keep;
      in_context(t->owner, [&] {
        o = t->handler.get()->ops->call(*t->handler.get(), detail::empty_block(), 0, nullptr);
      });
      if (repeats && o == detail::outcome::done) detail::cancel(t);
    }
    if (!repeats && t->owner_hook.linked()) {
      t->owner_hook.unlink();
      detail::release(t);
    }
    detail::release(t);
  }
}

void worker::run_task(block& b) {
  if (b.port == 0 || ports_.find(b.port) != nullptr) {
    in_context(b.port, [&] { b.work->run(b); });
  }
  detail::release(b);
}

}  // namespace aemp::core
