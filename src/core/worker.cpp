#include "core/worker.hpp"

#include "core/trace.hpp"

namespace aemp::core {

using detail::block;

constinit thread_local worker* worker::current_ [[gnu::tls_model("initial-exec")]] = nullptr;

namespace {

// How long handlers may run before timers and sockets get their turn. The promise is 10 ms (include/aemp/config.hpp).
// This is less, because the last handler begins within this time and may end later.
constexpr duration turn_length = std::chrono::milliseconds(5);

// An identity that no port ID has. While it is the direct identity, every message takes the slow path.
const detail::node_identity* nobody() noexcept {
  static const detail::node_identity& none = detail::make_identity({}, {});
  return &none;
}

}  // namespace

worker::worker(detail::local_node& node, node_context& context, const core::losses& losses,
               std::uint32_t index, core::clock& time, std::unique_ptr<core::poller> sleep)
    : node_(node),
      context_(context),
      losses_(losses),
      index_(index),
      ports_(context, index, time),
      clock_(time),
      now_(time.now()),
      poller_(std::move(sleep)) {}

worker::~worker() { shut_down(); }

// Some of the objects that this destroys belong to users, and their destructors may call the API. So this thread acts
// as the worker, and goes on until nothing is left. What the destructors ask for has no effect.
void worker::shut_down() noexcept {
  scope here(*this);
  shut_down_ = true;
  set_tracing(tracing_);
  for (;;) {
    inbox_.drain_to(ports_.queue().incoming());
    detail::block* const b = ports_.queue().pop();
    if (b == nullptr) break;
    detail::release(*b);
  }
  ports_.end_all();
  timers_.clear();
  own_timers_.clear();
  parcels_.clear();
  while (detail::block* const b = ports_.queue().pop()) detail::release(*b);
}

void worker::set_tracing(bool on) noexcept {
  tracing_ = on;
  direct_identity_ = on || shut_down_ ? nobody() : identity();
}

void worker::set_identity(const detail::node_identity* identity) noexcept {
  ports_.set_identity(identity);
  set_tracing(tracing_);
}

worker::scope::scope(worker& w) noexcept : before_(std::exchange(current_, &w)) {
  detail::set_home_identity(w.identity());
}

worker::scope::~scope() {
  current_ = before_;
  detail::set_home_identity(before_ != nullptr ? before_->identity() : nullptr);
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

bool worker::turn_and_poll() {
  if (std::exchange(resting_, false)) inbox_.awake();
  scope here(*this);
  const bool more = turn();
  bool found = false;
  enter("the network", [&] {
    polling_ = true;
    found = poller_->poll();
  });
  polling_ = false;
  if (!more && !found) resting_ = inbox_.try_sleep();
  return !resting_;
}

void worker::poll(bool sleepless) {
  polling_ = true;
  if (sleepless) {
    poller_->poll();
  } else {
    rest();
  }
}

// Called when there is nothing left to do now.
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

// True: there is something to do. False: nothing came within the limit of the spin.
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
  ports_.slice().begin(now_, turn_length);
  if (tracing_ != is_tracing()) [[unlikely]]
    set_tracing(!tracing_);
  inbox_.drain_to(ports_.queue().incoming());
  run_timers(own_timers_);
  if (!hearing_) run_timers(timers_);
  ports_.dispatch_all(tracing_);
  run_idle_tasks();
  flush_parcels();
  if (at_turns_end_) [[unlikely]]
    at_turns_end_();
  const auto next = next_deadline();
  return !ports_.queue().empty() || !inbox_.empty() || !idle_.empty() || (next && *next <= now_);
}

void worker::serve_network(time_point until) {
  scope here(*this);
  now_ = clock_.now();
  inbox_.drain_to(ports_.queue().incoming());
  run_timers(own_timers_);
  const bool found = run_library_tasks();
  run_idle_tasks();
  flush_parcels();
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

// Runs the library's tasks, and leaves the messages and tasks of ports in the queue, in order. False: it ran none.
bool worker::run_library_tasks() {
  run_queue waiting, others;
  while (block* const b = ports_.queue().pop()) waiting.push(b);
  bool found = false;
  while (block* const b = waiting.pop()) {
    if (b->what != block::kind::task || b->port != 0) {
      others.push(b);
      continue;
    }
    found = true;
    ports_.reception().unweigh(*b);
    ports_.run_task(*b);
  }
  while (block* const b = ports_.queue().pop()) others.push(b);
  while (block* const b = others.pop()) ports_.queue().push(b);
  return found;
}

// A worker that is told to stop finishes its turn first.
void worker::stop() noexcept {
  stopping_.store(true, std::memory_order_release);
  poller_->wake();
}

[[gnu::cold]] void worker::enqueue_behind_inbox(block* b) noexcept {
  inbox_.drain_to(ports_.queue().incoming());
  ports_.queue().push(b);
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
  if (from != nullptr && from != this && &from->node_ == &node_ && index_ < from->parcels_.size())
    from->flush(from->parcels_[index_]);
  if (context_.memory() != nullptr) [[unlikely]]
    ports_.reception().weigh(*b);
  if (inbox_.push(b)) poller_->wake();
}

void worker::collect_for(worker& to, block* b) {
  if (to.index_ >= parcels_.size()) parcels_.resize(to.index_ + std::size_t{1});
  outgoing& out = parcels_[to.index_];
  out.to = &to;
  if (context_.memory() != nullptr) [[unlikely]]
    ports_.reception().weigh(*b);
  out.parcel.put(b);
  if (out.parcel.full()) flush(out);
}

void worker::flush(outgoing& o) {
  if (!o.parcel.empty() && o.to->inbox_.push(o.parcel.take())) o.to->poller_->wake();
}

void worker::flush_parcels() {
  for (outgoing& o : parcels_) flush(o);
}

void worker::run_idle_tasks() {
  idle_.run_all([this](idle_task& task) { enter("a task for idle workers", [&task] { task.on_idle(); }); });
}

// Runs no more timers than there are now, so that timers that start others without delay cannot hold up the queue.
void worker::run_timers(timer_queue& of) {
  for (std::size_t n = of.size(); n > 0; --n) {
    detail::owned* const t = of.pop_due(now_);
    if (t == nullptr) return;
    if (&of == &own_timers_) {
      enter("a timer", [&] { run_timer(of, *t); });
      continue;
    }
    run_timer(of, *t);
    if (ports_.slice().over()) return;
  }
}

void worker::run_timer(timer_queue& of, detail::owned& t) {
  const bool repeats = t.interval > duration::zero();
  if (repeats ? !t.over.load(std::memory_order_relaxed) : t.finish()) {
    if (repeats) {
      // A late timer fires once, and then keeps its schedule.
      const duration behind = (now_ - t.due) / t.interval * t.interval;
      t.due = later(later(t.due, behind), t.interval);
      of.add(t);
    }
    detail::outcome o = detail::outcome::keep;
    ports_.in_context(t.owner, [&] {
      o = t.handler.get()->ops->call(*t.handler.get(), detail::empty_block(), 0, nullptr);
    });
    if (repeats && o == detail::outcome::done) detail::cancel(&t);
  }
  if (!repeats) t.leave_owner();
  detail::release(&t);
}

// The turn may end in the middle of the news. No other handler may run before the rest is told: its messages would
// count as sent by somebody who has heard all of it.
void worker::hear(std::unique_ptr<loss_news> news) {
  hearing_ = true;
  heard_ = news->when;
  while (news->told != news->items.size()) {
    const loss_news::item& next = news->items[news->told++];
    const std::uint64_t owner = next.what->owner;
    if (owner == 0 || ports_.find(owner) != nullptr)
      ports_.in_context(owner, [&] { next.what->fire_now(next.content); });
    if (!ports_.slice().over()) continue;
    return ports_.queue().push_front(
        detail::make_task([this, news = std::move(news)]() mutable { hear(std::move(news)); }));
  }
  hearing_ = false;
  told_.store(heard_, std::memory_order_release);
  context_.loss_was_heard(heard_);
}

}  // namespace aemp::core
