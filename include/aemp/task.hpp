// A port whose program is a coroutine: it says what it waits for, in the order in which it happens.
//
//     task<> order(port_id till) {
//       std::string customer = co_await receive<std::string>("customer");
//       int price = co_await cal(till, "price", customer).as<int>();
//       …
//     }
//     port_id p = spawn(order, till);
//
// A port that is spawned with a function that returns a task lives until that ends. A handler, too, may return a
// task; it is another coroutine of the same port, and ends with it. All of them run on the port's worker, one at a
// time, in its context: self(), timers, calls and monitors belong to the port.
//
// An exception that leaves the coroutine ends the port, as one that leaves a handler does. A `failure` ends it with
// the reason that it carries. When the port ends, what still waits is destroyed on its worker, the innermost first;
// destructors may send.
//
// What a coroutine refers to has to live as long as it. A function that a port runs takes its parameters by value, and
// what it captured, if it is a lambda, lives as long as the coroutine. A task that is awaited in the expression in
// which it is made, co_await f(x), may take references. One that is kept for later may not, nor may it be made by a
// lambda with captures that is gone by then.
//
// A trap of g++ 12: a temporary aggregate, array or closure that owns memory, made in a co_await expression, is
// destroyed twice; so is a result in one branch of b ? co_await f() : co_await g(). cal and on refuse such arguments;
// your own functions cannot. Give it a name:
//
//     person p{"alice", 7};
//     co_await f(p);             not: co_await f(person{"alice", 7})
//
// Only what this library can be asked to wait for resumes a coroutine in its port. An awaitable of another library
// has to come back through psub or a message.
//
// Cost: a frame from the worker's cache for each call of a coroutine. Waiting inside of several tasks costs what
// waiting in one costs. Without optimisation, a loop that awaits tasks which end at once takes stack for each; and
// destroying tasks that wait inside of each other always does: some hundred bytes.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <aemp/export.hpp>
#include <aemp/message.hpp>

namespace aemp {

// Thrown where something is awaited that fails. Its reason is that of a monitor: transport_error, timeout, bad_reply.
class AEMP_API failure : public std::exception {
 public:
  explicit failure(message why);
  failure(const failure&);
  ~failure() override;

  // The first element, if it is a text: "timeout". Empty for the reason of a normal end.
  const std::string& reason() const noexcept { return reason_; }
  const message& content() const noexcept { return content_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  message content_;
  std::string reason_;
  std::string text_;
};

namespace detail {

struct handler;
class strand;

// What all frames have.
struct task_promise_base {
  strand* of = nullptr;  // the coroutine of the port to which the frame belongs
  std::coroutine_handle<> awaiting = std::noop_coroutine();
  std::exception_ptr error;

  static void* operator new(std::size_t size) { return allocate_sized(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { deallocate_sized(frame, size); }

  struct to_awaiting {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> ended) const noexcept {
      return ended.promise().awaiting;
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  to_awaiting final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }
};

template <class T>
struct task_promise;

// The coroutine of a port in which something is awaited.
template <class P>
strand& strand_of(std::coroutine_handle<P> h) noexcept {
  static_assert(std::is_base_of_v<task_promise_base, P>,
                "this can be awaited in a task only: let the function return task<…>");
  return *h.promise().of;
}

}  // namespace detail

// A coroutine that begins when it is awaited, or when a port runs it. Destroying it ends it where it waits.
template <class T = void>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;
  using handle_type = std::coroutine_handle<promise_type>;
  using value_type = T;

  explicit task(handle_type frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~task() {
    if (frame_ != nullptr) frame_.destroy();
  }

  // For the library.
  handle_type leak() noexcept { return std::exchange(frame_, nullptr); }

  class awaiter {
   public:
    explicit awaiter(handle_type frame) noexcept : frame_(frame) {}
    awaiter(awaiter&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    awaiter& operator=(awaiter&&) = delete;
    ~awaiter() {
      if (frame_ != nullptr) frame_.destroy();
    }
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> h) noexcept {
      frame_.promise().of = &detail::strand_of(h);
      frame_.promise().awaiting = h;
      return frame_;
    }
    T await_resume() { return frame_.promise().take(); }

   private:
    handle_type frame_;
  };
  awaiter operator co_await() && {
    if (frame_ == nullptr) throw std::logic_error("this task has been awaited already");
    return awaiter(leak());
  }
  template <class U = T>
  awaiter operator co_await() & {
    static_assert(!std::is_same_v<U, T>, "a task is awaited once, so it is moved: co_await std::move(t)");
    return awaiter(leak());
  }

 private:
  handle_type frame_;
};

namespace detail {

template <class T>
struct task_promise : task_promise_base {
  static_assert(!std::is_reference_v<T>, "a task returns a value: task<T&> would outlive what it refers to");
  std::optional<T> result;

  task<T> get_return_object() noexcept {
    return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
  }
  template <class U = T>
  void return_value(U&& v) {
    result.emplace(std::forward<U>(v));
  }
  T take() {
    if (error) std::rethrow_exception(std::move(error));
    if (!result) throw std::logic_error("a task<T> ended without co_return, so there is no value");
    return std::move(*result);
  }
};

template <>
struct task_promise<void> : task_promise_base {
  task<void> get_return_object() noexcept {
    return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
  }
  void return_void() const noexcept {}
  void take() {
    if (error) std::rethrow_exception(std::move(error));
  }
};

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

// Whether something of this type may be kept while a coroutine waits.
template <class T>
inline constexpr bool outlives_wait = !std::is_reference_v<T> && !std::is_same_v<T, std::string_view>;

// Begins a coroutine in the running port. `keep`: the handler that made it, whose captures it uses.
AEMP_API void begin_strand(task<void> root, handler* keep);
// Goes on with a coroutine of a port, and ends the port if it was its last.
AEMP_API void resume(strand& of, std::coroutine_handle<> where) noexcept;

}  // namespace detail
}  // namespace aemp
