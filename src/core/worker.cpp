#include "core/worker.hpp"

#include "core/local_node.hpp"
#include "core/trace.hpp"

namespace aemp::core {

using detail::block;

constinit thread_local worker* worker::current_ [[gnu::tls_model("initial-exec")]] = nullptr;

namespace {

// How long handlers may have the worker before timers and sockets get their turn. Well below the 10 ms that
// are promised, for the last handler begins before this is over.
constexpr duration turn_length = std::chrono::milliseconds(5);

// What no port ID has: with it as direct identity, every message takes the long way.
const detail::node_identity* nobody() noexcept {
  static const detail::node_identity& none = detail::make_identity({}, {});
  return &none;
}

}  // namespace

idle_task::~idle_task() {
  if (waiting_at_ != nullptr) std::ranges::replace(waiting_at_->idle_, this, nullptr);
}

worker::worker(detail::local_node& node, std::uint32_t index, core::clock& time,
               std::unique_ptr<core::poller> sleep)
    : node_(node),
      index_(index),
      ports_(index),
      clock_(time),
      now_(time.now()),
      slice_(time),
      poller_(std::move(sleep)) {}

worker::~worker() {
  shut_down();
  for (idle_task* task : idle_) {
    if (task != nullptr) task->waiting_at_ = nullptr;
  }
}

// What is destroyed here may belong to users, and use the API: so it happens as on the worker, and until
// nothing is left. What they ask for comes to nothing.
void worker::shut_down() noexcept {
  scope here(*this);
  shut_down_ = true;
  set_tracing(tracing_);
  for (;;) {
    inbox_.drain_to(queue_);
    detail::block* const b = queue_.pop();
    if (b == nullptr) break;
    detail::release(*b);
  }
  std::vector<std::uint64_t> ports;
  ports_.for_each([&](std::uint64_t number) { ports.push_back(number); });
  for (const std::uint64_t number : ports) end_port(number, {});
  timers_.clear();
  own_timers_.clear();
  outboxes_.clear();
  while (detail::block* const b = queue_.pop()) detail::release(*b);
}

void worker::set_tracing(bool on) noexcept {
  tracing_ = on;
  direct_identity_ = on || shut_down_ ? nobody() : identity_;
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
    enter("the network", [&] { poll(more); });
    polling_ = false;
  }
}

void worker::poll(bool sleepless) {
  polling_ = true;
  if (sleepless) {
    poller_->poll();
  } else {
    rest();
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
  const time_point end = later(clock_.now(), spin_.limit());
  const std::optional<time_point> deadline = next_deadline();
  for (;;) {
    if (poller_->poll() || !inbox_.empty() || stopping_.load(std::memory_order_relaxed)) return true;
    const time_point time = clock_.now();
    if (deadline && time >= *deadline) return true;
    if (time >= end) return false;
  }
}

void worker::sleep() {
  if (!inbox_.try_sleep()) return;
  poller_->wait(next_deadline());
  inbox_.awake();
}

std::optional<time_point> worker::next_deadline() const {
  const auto one = timers_.next(), other = own_timers_.next();
  return one && other ? std::min(one, other) : one ? one : other;
}

bool worker::turn() {
  scope here(*this);
  now_ = clock_.now();
  slice_.begin(now_, turn_length);
  if (tracing_ != is_tracing()) [[unlikely]]
    set_tracing(!tracing_);
  inbox_.drain_to(queue_);
  run_timers(own_timers_);
  if (!hearing_) run_timers(timers_);
  dispatch_all();
  run_idle_tasks();
  flush_outboxes();
  const auto next = next_deadline();
  return !queue_.empty() || !inbox_.empty() || !idle_.empty() || (next && *next <= now_);
}

void worker::serve_network(time_point until) {
  scope here(*this);
  now_ = clock_.now();
  inbox_.drain_to(queue_);
  run_timers(own_timers_);
  const bool found = run_library_tasks();
  run_idle_tasks();
  flush_outboxes();
  enter("the network", [&] {
    polling_ = true;
    if (found || !idle_.empty() || !inbox_.try_sleep()) {
      poller_->poll();
      return;
    }
    const auto next = own_timers_.next();
    poller_->wait(next ? std::min(*next, until) : until);
    inbox_.awake();
  });
  polling_ = false;
}

// Those that wait by now, in their order. False: there was none.
bool worker::run_library_tasks() {
  run_queue waiting, others;
  while (block* const b = queue_.pop()) waiting.push(b);
  bool found = false;
  while (block* const b = waiting.pop()) {
    if (b->what != block::kind::task || b->port != 0) {
      others.push(b);
      continue;
    }
    found = true;
    run_task(*b);
  }
  while (block* const b = queue_.pop()) others.push(b);
  while (block* const b = others.pop()) queue_.push(b);
  return found;
}

// A worker that is told to stop finishes its turn first.
void worker::stop() noexcept {
  stopping_.store(true, std::memory_order_release);
  poller_->wake();
}

[[gnu::cold]] void worker::enqueue_behind_inbox(block* b) noexcept {
  inbox_.drain_to(queue_);
  queue_.push(b);
}

void worker::post(block* b) {
  if (shut_down_) [[unlikely]]
    return detail::release(*b);
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
    enter("a task for idle workers", [task] { task->on_idle(); });
  }
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(count));
}

// Only what is due now: a timer that starts another with no delay does not hold up the queue.
void worker::run_timers(timers& of) {
  for (std::size_t n = of.size(); n > 0; --n) {
    detail::owned* const t = of.pop_due(now_);
    if (t == nullptr) return;
    if (&of == &own_timers_) {
      enter("a timer", [&] { run_timer(of, *t); });
      continue;
    }
    run_timer(of, *t);
    if (slice_.over()) return;
  }
}

void worker::run_timer(timers& of, detail::owned& t) {
  const bool repeats = t.interval > duration::zero();
  if (repeats ? !t.over.load(std::memory_order_relaxed) : t.finish()) {
    if (repeats) {
      // A late timer fires once, and then keeps its schedule.
      const duration behind = (now_ - t.due) / t.interval * t.interval;
      t.due = later(later(t.due, behind), t.interval);
      of.add(t);
    }
    detail::outcome o = detail::outcome::keep;
    in_context(t.owner,
               [&] { o = t.handler.get()->ops->call(*t.handler.get(), detail::empty_block(), 0, nullptr); });
    if (repeats && o == detail::outcome::done) detail::cancel(&t);
  }
  if (!repeats && t.owner_hook.linked()) {
    t.owner_hook.unlink();
    detail::release(&t);
  }
  detail::release(&t);
}

epoch worker::heard() const noexcept { return inside_library_ ? node_.losses().latest() : heard_; }

// Between its parts, no handler runs that could send: what it sends counts as sent by somebody who has heard
// all of it.
void worker::hear(std::unique_ptr<loss_news> news) {
  hearing_ = true;
  heard_ = news->when;
  while (news->told != news->items.size()) {
    const loss_news::item& next = news->items[news->told++];
    const std::uint64_t owner = next.what->owner;
    if (owner == 0 || ports_.find(owner) != nullptr)
      in_context(owner, [&] { happen(*next.what, next.content); });
    if (!slice_.over()) continue;
    return queue_.push_front(
        detail::make_task([this, news = std::move(news)]() mutable { hear(std::move(news)); }));
  }
  hearing_ = false;
  told_.store(heard_, std::memory_order_release);
  node_.loss_was_heard(heard_);
}

void worker::run_task(block& b) {
  if (b.port == 0 || ports_.find(b.port) != nullptr) {
    in_context(b.port, [&] { b.work->run(b); });
  }
  detail::release(b);
}

}  // namespace aemp::core
