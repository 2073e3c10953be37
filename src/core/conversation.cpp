#include "core/conversation.hpp"

#include <array>
#include <span>
#include <utility>

#include <aemp/entry.hpp>

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

// While one of these exists, the conversation does.
class conversation::in_use {
 public:
  explicit in_use(conversation& c) noexcept : c_(c) { ++c_.in_use_; }
  in_use(const in_use&) = delete;
  in_use& operator=(const in_use&) = delete;
  ~in_use() {
    if (--c_.in_use_ == 0 && c_.over_) delete &c_;
  }

 private:
  conversation& c_;
};

// The youngest coroutine first, as with objects in a scope.
conversation::~conversation() {
  while (strand* const s = std::exchange(strands_, strands_ == nullptr ? nullptr : strands_->next)) delete s;
}

void conversation::end() noexcept {
  over_ = true;
  if (in_use_ == 0) delete this;
}

void conversation::begin(task<void> root, detail::handler* keep, bool program) {
  auto* const s = new strand(*this, root.leak(), keep, program);
  s->next = std::exchange(strands_, s);
  program_ |= program;
  keeps_mail_ |= program;
  resume(*s, s->root);
}

void conversation::resume(strand& s, std::coroutine_handle<> where) noexcept {
  const in_use guard(*this);
  where.resume();
  if (!over_ && s.root.done()) finish(s);
}

void conversation::finish(strand& s) noexcept {
  strand** place = &strands_;
  while (*place != &s) place = &(*place)->next;
  *place = s.next;
  const std::exception_ptr thrown = std::exchange(s.root.promise().error, nullptr);
  const bool program = s.program;
  delete &s;
  if (program || thrown) return ports_.end(port_, thrown ? reason_of(thrown) : message());
  if (strands_ != nullptr) return;
  keeps_mail_ = false;
  mail_.clear();
}

bool conversation::offer(detail::block& content) {
  const in_use guard(*this);
  for (receiver* r = waiting_; r != nullptr; r = r->next_) {
    if (r->state_ != receiver::state::waiting || !r->offer(content)) continue;
    if (over_) return true;
    r->state_ = receiver::state::taken;
    go_on(*r);
    return true;
  }
  if (over_ || !keeps_mail_) return over_;
  content.refs.fetch_add(1, std::memory_order_relaxed);
  mail_.put(message::adopt(&content));
  return true;
}

bool conversation::take_waiting(receiver& r) {
  if (mail_.empty()) return false;
  const in_use guard(*this);
  std::array<std::uint64_t, receiver::most_keys> keys;
  const unsigned count = r.keys(keys.data());
  mailbox::letter* const found = count == 0   ? first_that_fits(r)
                                 : count == 1 ? first_of_key_that_fits(r, keys[0])
                                              : first_of_keys_that_fits(r, {keys.data(), count});
  if (found != nullptr) (void)mail_.take(*found);
  return found != nullptr;
}

mailbox::letter* conversation::first_that_fits(receiver& r) {
  mailbox::letter* l = mail_.first();
  while (l != nullptr && !r.offer(*l->content.get())) l = l->next;
  return l;
}

mailbox::letter* conversation::first_of_key_that_fits(receiver& r, std::uint64_t key) {
  mailbox::letter* l = mail_.first_of(key);
  while (l != nullptr && !r.offer(*l->content.get())) l = l->next_of_key;
  return l;
}

// The chains of the keys are merged by the order of arrival.
mailbox::letter* conversation::first_of_keys_that_fits(receiver& r, std::span<const std::uint64_t> keys) {
  std::array<mailbox::letter*, receiver::most_keys> heads{};
  for (std::size_t i = 0; i < keys.size(); ++i) heads[i] = mail_.first_of(keys[i]);
  for (;;) {
    mailbox::letter** oldest = nullptr;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (heads[i] != nullptr && (oldest == nullptr || heads[i]->number < (*oldest)->number)) oldest = &heads[i];
    }
    if (oldest == nullptr) return nullptr;
    if (r.offer(*(*oldest)->content.get())) return *oldest;
    *oldest = (*oldest)->next_of_key;
  }
}

// Reading the counter of the CPU costs as much as a small message, so it is not read each time.
bool conversation::should_give_way() noexcept { return ++at_once_ % 16 == 0 && ports_.slice().over(); }

bool conversation::begin_to_wait(receiver& r, std::chrono::nanoseconds limit) {
  keeps_mail_ = true;
  if (take_waiting(r)) {
    if (!should_give_way()) return false;
    r.state_ = receiver::state::taken;
    enter(r);
    block* const later = detail::make_task([this] { resume_ready(); });
    later->port = port_;
    ports_.queue().push(later);
    return true;
  }
  r.state_ = limit == limit.zero() ? receiver::state::late : receiver::state::waiting;
  if (r.state_ == receiver::state::late) return false;
  enter(r);
  if (limit > limit.zero()) {
    r.timer_ = detail::start_timer(worker::current()->node(), limit, false, detail::handler_of([this, &r] {
                                     r.state_ = receiver::state::late;
                                     go_on(r);
                                   }));
  }
  return true;
}

void conversation::go_on(receiver& r) noexcept {
  strand& s = *r.of_;
  const std::coroutine_handle<> where = r.where_;
  leave(r);
  resume(s, where);
}

void conversation::enter(receiver& r) noexcept {
  receiver** place = &waiting_;
  while (*place != nullptr) place = &(*place)->next_;
  *place = &r;
  r.next_ = nullptr;
  r.in_ = this;
}

void conversation::leave(receiver& r) noexcept {
  receiver** place = &waiting_;
  while (*place != &r) place = &(*place)->next_;
  *place = r.next_;
  r.in_ = nullptr;
  if (owned* const timer = std::exchange(r.timer_, nullptr)) {
    detail::cancel(timer);
    detail::release(timer);
  }
}

void conversation::resume_ready() noexcept {
  const in_use guard(*this);
  for (receiver* r = waiting_; r != nullptr;) {
    if (r->state_ != receiver::state::taken) {
      r = r->next_;
      continue;
    }
    go_on(*r);
    if (over_) return;
    r = waiting_;
  }
}

}  // namespace aemp::core

namespace aemp::detail {

strand::strand(core::conversation& of, task<void>::handle_type root, handler* keep, bool program) noexcept
    : of(of), root(root), keep(keep), program(program) {
  root.promise().of = this;
  if (keep != nullptr) ++keep->refs;
}

strand::~strand() {
  root.destroy();
  if (keep != nullptr) release_handler(keep);
}

}  // namespace aemp::detail
