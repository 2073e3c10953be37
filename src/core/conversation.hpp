// The coroutines of one port, and the messages that wait for them (include/aemp/task.hpp, receive.hpp). A port has this
// from the moment when the first coroutine begins in it. On the port's worker.
//
// A port may end while one of its coroutines runs: a function that the coroutine calls through peval may throw. What is
// running cannot be destroyed, so the conversation outlives the port until it has returned.
#pragma once

#include <coroutine>
#include <cstdint>
#include <span>

#include <aemp/receive.hpp>
#include <aemp/task.hpp>

#include "core/mailbox.hpp"

namespace aemp::core {

class port_space;

class conversation {
 public:
  conversation(port_space& ports, std::uint64_t port) noexcept : ports_(ports), port_(port) {}
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

  std::size_t waiting_messages() const noexcept { return mail_.size(); }

 private:
  class in_use;

  ~conversation();
  void finish(detail::strand& s) noexcept;
  void run(detail::strand& s, std::coroutine_handle<> where) noexcept;
  bool keep(detail::block& content) noexcept;
  bool take_waiting(detail::receiver& r);
  bool should_give_way() noexcept;
  void enter(detail::receiver& r) noexcept;
  void leave(detail::receiver& r, detail::receiver** place) noexcept;
  detail::receiver** place_of(detail::receiver& r) noexcept;
  void start_timer(detail::receiver& r);
  void stop_timer(detail::receiver& r) noexcept;
  void go_on(detail::receiver& r, detail::receiver** place) noexcept;
  // Goes on with those that gave way.
  void resume_ready() noexcept;
  // Offers what waits, the oldest first. Null: nothing of it fits.
  mailbox::letter* first_that_fits(detail::receiver& r);
  mailbox::letter* first_of_key_that_fits(detail::receiver& r, std::uint64_t key);
  mailbox::letter* first_of_keys_that_fits(detail::receiver& r, std::span<const std::uint64_t> keys);

  port_space& ports_;
  const std::uint64_t port_;
  detail::strand* strands_ = nullptr;
  detail::receiver* waiting_ = nullptr;  // in the order in which they began to wait
  mailbox mail_;
  unsigned in_use_ = 0;
  unsigned at_once_ = 0;  // receives that did not have to wait, since somebody looked at the time
  bool program_ = false;
  bool keeps_mail_ = false;
  bool over_ = false;
};

}  // namespace aemp::core

namespace aemp::detail {

// One coroutine of a port.
class strand {
 public:
  strand(core::conversation& of, task<void>::handle_type root, handler* keep, bool program) noexcept;
  strand(const strand&) = delete;
  strand& operator=(const strand&) = delete;
  ~strand();

  core::conversation& of;
  const task<void>::handle_type root;
  handler* const keep;  // what made it; null: nothing that lives on
  const bool program;
  strand* next = nullptr;
};

}  // namespace aemp::detail
