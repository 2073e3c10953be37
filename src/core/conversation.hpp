// The coroutines of one port, and the messages that wait for them (include/aemp/task.hpp, receive.hpp). A port has this
// from the moment when the first coroutine begins in it. On the port's worker.
//
// A port may end while one of its coroutines runs: a function that the coroutine calls through peval may throw. What is
// running cannot be destroyed, so the conversation outlives the port until it has returned.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <span>

#include <aemp/receive.hpp>
#include <aemp/task.hpp>

#include "core/mailbox.hpp"

namespace aemp::core {
class conversation;
}

namespace aemp::detail {

// One coroutine of a port.
class strand {
 public:
  explicit strand(core::conversation& c) noexcept : of(c) {}
  strand(const strand&) = delete;
  strand& operator=(const strand&) = delete;
  ~strand() { clear(); }

  // From the worker's cache, as conversations are.
  static void* operator new(std::size_t size) { return allocate_sized(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { deallocate_sized(memory, size); }

  bool empty() const noexcept { return !root; }
  void hold(task<void> coroutine, handler* made_it) noexcept;
  void clear() noexcept;

  core::conversation& of;
  task<void>::handle_type root;
  handler* keep = nullptr;  // what made it; null: nothing that lives on
  strand* next = nullptr;
  bool program = false;
  bool receives = false;  // it has called receive
};

}  // namespace aemp::detail

namespace aemp::core {

class intake;
class port_space;

class conversation {
 public:
  conversation(port_space& ports, std::uint64_t port) noexcept : ports_(ports), port_(port), first_(*this) {}
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  // The port has ended: destroys all coroutines and this object, now or when nothing of it runs any more.
  void end() noexcept;

  // Begins a coroutine. A `program` is what the port was spawned with: the port ends with it.
  void begin(task<void> root, detail::handler* keep, bool program);
  bool has_program() const noexcept { return program_; }

  // A message that no handler took. False: nobody wants it, now or later.
  bool offer(detail::block& content) noexcept;

  // Gives a receive what it waits for, if that has come already. True: its coroutine has to wait, as nothing has come, or
  // because it has had its share of this turn.
  bool begin_to_wait(detail::receiver& r);
  // The receive is destroyed before it has got anything.
  void withdraw(detail::receiver& r) noexcept;

  void resume(detail::strand& s, std::coroutine_handle<> where) noexcept;

  // ---- for who counts what waits (core/intake.hpp) ----
  void count_mail(intake& in) const;
  bool has_mail() const noexcept { return mail_ != nullptr && !mail_->empty(); }
  // Drops the oldest message of the mailbox, which is not empty. The port may end by that.
  void drop_oldest() noexcept { take(*mail_->first()); }

 private:
  class in_use;

  ~conversation();
  void finish(detail::strand& s) noexcept;
  void remove(detail::strand& s) noexcept;
  void run(detail::strand& s, std::coroutine_handle<> where) noexcept;
  bool keep(detail::block& content) noexcept;
  bool take_waiting(detail::receiver& r);
  void take(mailbox::letter& l) noexcept;
  bool should_give_way() noexcept;
  void enter(detail::receiver& r, detail::receiver::state as) noexcept;
  void leave(detail::receiver& r, detail::receiver::state as) noexcept;
  detail::receiver** place_of(const detail::receiver& r) noexcept;
  void start_timer(detail::receiver& r);
  void stop_timer(detail::receiver& r) noexcept;
  void go_on(detail::receiver& r, detail::receiver::state as) noexcept;
  bool begin_with_a_look(detail::receiver& r);
  bool give_way(detail::receiver& r);
  // Goes on with the first that gave way.
  void resume_one();
  // Offers what waits, the oldest first. Null: nothing of it fits.
  mailbox::letter* first_that_fits(detail::receiver& r);
  mailbox::letter* first_of_key_that_fits(detail::receiver& r, std::uint64_t key);
  mailbox::letter* first_of_keys_that_fits(detail::receiver& r, std::span<const std::uint64_t> keys);

  port_space& ports_;
  const std::uint64_t port_;
  detail::strand first_;  // most ports have one coroutine; empty when it has ended
  detail::strand* strands_ = nullptr;
  detail::receiver* waiting_ = nullptr;  // in the order in which they began to wait
  detail::receiver** end_ = &waiting_;
  std::unique_ptr<mailbox> mail_;  // null: nothing has ever waited
  unsigned in_use_ = 0;
  unsigned at_once_ = 0;  // so many receives need not wait before somebody looks at the time
  bool program_ = false;
  bool keeps_mail_ = false;
  bool over_ = false;
};

}  // namespace aemp::core
