#include "core/conversation.hpp"

#include <array>
#include <span>
#include <utility>

#include <aemp/entry.hpp>

#include "core/intake.hpp"
#include "core/port_space.hpp"
#include "core/worker.hpp"

namespace aemp::core {

using detail::block;
using detail::owned;
using detail::receiver;
using detail::strand;

namespace {

message reason_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (...) {
    return reason_of_exception();
  }
}

}  // namespace

// Keeps the conversation alive, and its port the running one, while this exists.
class conversation::in_use {
 public:
  explicit in_use(conversation& c) noexcept : c_(c), before_(c.ports_.enter(c.port_)) { ++c_.in_use_; }
  in_use(const in_use&) = delete;
  in_use& operator=(const in_use&) = delete;
  ~in_use() {
    (void)c_.ports_.enter(before_);
    if (--c_.in_use_ == 0 && c_.over_) [[unlikely]]
      delete &c_;
  }

 private:
  conversation& c_;
  const std::uint64_t before_;
};

// Destroys the youngest coroutine first, as a scope destroys its objects.
conversation::~conversation() {
  while (strands_ != nullptr) remove(*strands_);
}

void conversation::end() noexcept {
  over_ = true;
  if (in_use_ == 0) delete this;
}

void conversation::begin(task<void> root, detail::handler* keep, bool program) {
  strand* const s = first_.empty() ? &first_ : new strand(*this);
  s->hold(std::move(root), keep);
  s->program = program;
  s->next = std::exchange(strands_, s);
  program_ |= program;
  keeps_mail_ |= program;
  resume(*s, s->root);
}

inline void conversation::enter(receiver& r, receiver::state as) noexcept {
  r.state_ = as;
  r.next_ = nullptr;
  *end_ = &r;
  end_ = &r.next_;
}

// Most ports have one that waits, and most of the others are found early: a message looks at them in this order, too.
inline void conversation::leave(receiver& r, receiver::state as) noexcept {
  receiver** place = &waiting_;
  if (*place != &r) [[unlikely]]
    place = place_of(r);
  *place = r.next_;
  if (r.next_ == nullptr) end_ = place;
  r.state_ = as;
  if (r.timer_ != nullptr) [[unlikely]]
    stop_timer(r);
}

[[gnu::noinline]] receiver** conversation::place_of(const receiver& r) noexcept {
  receiver** place = &waiting_;
  while (*place != &r) place = &(*place)->next_;
  return place;
}

void conversation::withdraw(receiver& r) noexcept { leave(r, receiver::state::begun); }

// The caller keeps the conversation alive during the call (in_use).
inline void conversation::run(strand& s, std::coroutine_handle<> where) noexcept {
  where.resume();
  if (!over_ && s.root.done()) [[unlikely]]
    finish(s);
}

void conversation::resume(strand& s, std::coroutine_handle<> where) noexcept {
  const in_use guard(*this);
  run(s, where);
}

inline void conversation::go_on(receiver& r, receiver::state as) noexcept {
  leave(r, as);
  run(*r.of_, r.where_);
}

void conversation::remove(strand& s) noexcept {
  strand** place = &strands_;
  while (*place != &s) place = &(*place)->next;
  *place = s.next;
  if (&s == &first_) {
    s.clear();
  } else {
    delete &s;
  }
}

void conversation::finish(strand& s) noexcept {
  const std::exception_ptr thrown = std::exchange(s.root.promise().error, nullptr);
  const bool program = s.program;
  remove(s);
  if (program || thrown) return ports_.end(port_, thrown ? reason_of(thrown) : message());
  keeps_mail_ = false;
  for (const strand* other = strands_; other != nullptr; other = other->next) keeps_mail_ |= other->receives;
  if (keeps_mail_ || !has_mail()) return;
  mail_->clear();
  if (intake* const in = ports_.reception().of(port_)) {
    in->forget_mail();
    in->lend();
  }
}

// No port is the running one when messages are dispatched, so there is none to put back.
bool conversation::offer(block& content) noexcept {
  (void)ports_.enter(port_);
  ++in_use_;
  bool taken = true;
  receiver* r = waiting_;
  while (r != nullptr && (r->state_ != receiver::state::waiting || !r->offer(content))) r = r->next_;
  if (r == nullptr) [[unlikely]] {
    taken = keep(content);
  } else if (!over_) [[likely]] {
    go_on(*r, receiver::state::taken);
  }
  (void)ports_.enter(0);
  if (--in_use_ == 0 && over_) [[unlikely]]
    delete this;
  return taken;
}

[[gnu::noinline]] bool conversation::keep(block& content) noexcept {
  if (over_ || !keeps_mail_) return over_;
  try {
    intake* const in = ports_.reception().of_mail(port_);
    content.refs.fetch_add(1, std::memory_order_relaxed);
    if (mail_ == nullptr) mail_ = std::make_unique<mailbox>();
    const mailbox::letter& l = mail_->put(message::adopt(&content));
    if (in != nullptr) in->keep(l.number, content);
  } catch (...) {
    ports_.end(port_, reason_of_exception());
  }
  return true;
}

[[gnu::noinline]] bool conversation::take_waiting(receiver& r) {
  const in_use guard(*this);
  std::array<std::uint64_t, receiver::most_keys> keys;
  const unsigned count = r.keys(keys.data());
  mailbox::letter* const found = count == 0   ? first_that_fits(r)
                                 : count == 1 ? first_of_key_that_fits(r, keys[0])
                                              : first_of_keys_that_fits(r, {keys.data(), count});
  if (found != nullptr) take(*found);
  return found != nullptr;
}

void conversation::take(mailbox::letter& l) noexcept {
  if (intake* const in = ports_.reception().of(port_)) in->give(l.number);
  (void)mail_->take(l);
}

void conversation::count_mail(intake& in) const {
  if (!has_mail()) return;
  for (const mailbox::letter* l = mail_->first(); l != nullptr; l = l->next)
    in.keep(l->number, *l->content.get());
}

mailbox::letter* conversation::first_that_fits(receiver& r) {
  mailbox::letter* l = mail_->first();
  while (l != nullptr && !r.offer(*l->content.get())) l = l->next;
  return l;
}

mailbox::letter* conversation::first_of_key_that_fits(receiver& r, std::uint64_t key) {
  mailbox::letter* l = mail_->first_of(key);
  while (l != nullptr && !r.offer(*l->content.get())) l = l->next_of_key;
  return l;
}

// Merges the chains of the keys by their numbers, so that the oldest message is offered first.
mailbox::letter* conversation::first_of_keys_that_fits(receiver& r, std::span<const std::uint64_t> keys) {
  std::array<mailbox::letter*, receiver::most_keys> heads{};
  for (std::size_t i = 0; i < keys.size(); ++i) heads[i] = mail_->first_of(keys[i]);
  for (;;) {
    mailbox::letter** oldest = nullptr;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (heads[i] != nullptr && (oldest == nullptr || heads[i]->number < (*oldest)->number))
        oldest = &heads[i];
    }
    if (oldest == nullptr) return nullptr;
    if (r.offer(*(*oldest)->content.get())) return *oldest;
    *oldest = (*oldest)->next_of_key;
  }
}

// As with handlers: after each lot the slice says how many may follow.
bool conversation::should_give_way() noexcept {
  if (at_once_ == 0) at_once_ = ports_.slice().allowance();
  if (at_once_ == 0) return true;
  --at_once_;
  return false;
}

inline bool conversation::begin_to_wait(receiver& r) {
  keeps_mail_ = true;
  r.of_->receives = true;
  if (over_ || has_mail() || r.limit_ >= r.limit_.zero()) [[unlikely]]
    return begin_with_a_look(r);
  enter(r, receiver::state::waiting);
  return true;
}

[[gnu::noinline]] bool conversation::begin_with_a_look(receiver& r) {
  // The port has ended under its running coroutine, which goes no further.
  if (over_) return true;
  if (has_mail()) {
    // Nothing is taken before it is certain that the coroutine goes on with it: it may be destroyed meanwhile.
    if (should_give_way()) return give_way(r);
    if (take_waiting(r)) return false;
  }
  if (r.limit_ == r.limit_.zero()) {
    r.state_ = receiver::state::late;
    return false;
  }
  if (r.limit_ > r.limit_.zero()) start_timer(r);
  enter(r, receiver::state::waiting);
  return true;
}

// One task for each that gives way, so that none has two turns in one.
[[gnu::noinline]] bool conversation::give_way(receiver& r) {
  enter(r, receiver::state::giving_way);
  block* const later = detail::make_task([this] { resume_one(); });
  later->port = port_;
  ports_.queue().push(later);
  return true;
}

void conversation::resume_one() {
  receiver* r = waiting_;
  while (r != nullptr && r->state_ != receiver::state::giving_way) r = r->next_;
  if (r == nullptr) return;  // destroyed meanwhile
  const in_use guard(*this);
  r->state_ = receiver::state::waiting;
  if (take_waiting(*r)) {
    if (!over_) go_on(*r, receiver::state::taken);
    return;
  }
  if (r->limit_ == r->limit_.zero()) {
    go_on(*r, receiver::state::late);
  } else if (r->limit_ > r->limit_.zero()) {
    start_timer(*r);
  }
}

[[gnu::noinline]] void conversation::start_timer(receiver& r) {
  r.timer_ = detail::start_timer(worker::current()->node(), r.limit_, false, detail::handler_of([this, &r] {
                                   const in_use guard(*this);
                                   go_on(r, receiver::state::late);
                                 }));
}

[[gnu::noinline]] void conversation::stop_timer(receiver& r) noexcept {
  owned* const timer = std::exchange(r.timer_, nullptr);
  detail::cancel(timer);
  detail::release(timer);
}

}  // namespace aemp::core

namespace aemp::detail {

bool receiver::wait(strand& of, std::coroutine_handle<> where) {
  of_ = &of;
  where_ = where;
  return of.of.begin_to_wait(*this);
}

void receiver::leave() noexcept { of_->of.withdraw(*this); }

void receiver::fail() {
  if (thrown_) std::rethrow_exception(std::move(thrown_));
  throw failure(message("timeout", "no matching message arrived in time"));
}

void strand::hold(task<void> coroutine, handler* made_it) noexcept {
  root = coroutine.leak();
  root.promise().of = this;
  keep = made_it;
  if (keep != nullptr) ++keep->refs;
}

void strand::clear() noexcept {
  if (root) std::exchange(root, nullptr).destroy();
  if (keep != nullptr) release_handler(std::exchange(keep, nullptr));
}

}  // namespace aemp::detail
