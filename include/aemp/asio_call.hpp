// A call (call.hpp) as an operation of Asio: async_cal<T…>(request, token) completes with (std::exception_ptr, T…), the
// elements of the reply, or without T with (std::exception_ptr, message). The exception is a failure with the reason, or
// what snd throws; `cancelled` after a cancellation, which also takes the call back; `node_gone` when the node is
// destroyed first: a node that was only stopped may run again. Completions run on the handler's executor, without one on
// Asio's system executor. Any thread. T are types that have a default value.
//
//     int sum = co_await async_cal<int>(cal(adder, "add", 1, 2).within(1s), boost::asio::use_awaitable);
//     int sum = co_await async_cal<int>(adder, "add", 1, 2, boost::asio::use_awaitable);
#pragma once

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <aemp/port.hpp>
#include <aemp/task.hpp>

namespace aemp {

namespace detail {

struct call_access {
  static handle start(call& c, handler_ref on_reply, handler_ref on_failure) {
    return c.start(std::move(on_reply), std::move(on_failure));
  }
  static void abandon(call& c) noexcept { c.abandon(); }
};

// A call that is sent only when Asio begins the operation.
struct call_to_come {
  call request;

  explicit call_to_come(call&& c) noexcept : request(std::move(c)) {}
  call_to_come(call_to_come&&) noexcept = default;
  ~call_to_come() { call_access::abandon(request); }
};

template <class Handler, class... T>
class call_operation : public std::enable_shared_from_this<call_operation<Handler, T...>> {
 public:
  explicit call_operation(Handler h)
      : handler_(std::move(h)), work_(boost::asio::get_associated_executor(handler_)) {}

  void begin(call_to_come request) {
    const auto self = this->shared_from_this();
    if (auto slot = boost::asio::get_associated_cancellation_slot(handler_); slot.is_connected()) {
      slot.assign([weak = std::weak_ptr(self)](boost::asio::cancellation_type) {
        if (const auto alive = weak.lock()) alive->cancel();
      });
    }
    try {
      const auto told = std::make_shared<ear>(self);
      keep(call_access::start(
          request.request, on_reply(told), handler_of([told](const message& reason) {
            told->to->fail(reason.empty() ? message("no_reply", "the port ended without a reply") : reason);
          })));
    } catch (...) {
      finish(std::current_exception(), T()...);
    }
  }

 private:
  // The continuations hold this. When the library drops them uncalled, nobody will answer: the node is gone.
  struct ear {
    std::shared_ptr<call_operation> to;
    explicit ear(std::shared_ptr<call_operation> o) noexcept : to(std::move(o)) {}
    ear(const ear&) = delete;
    ear& operator=(const ear&) = delete;
    ~ear() { to->fail(message("node_gone", "the node that made the call has ended")); }
  };

  static handler_ref on_reply(std::shared_ptr<ear> told) {
    if constexpr (std::is_same_v<std::tuple<T...>, std::tuple<message>>) {
      return handler_of([told](const message& whole) { told->to->finish(nullptr, message(whole)); });
    } else {
      return handler_of([told](T&&... elements) { told->to->finish(nullptr, std::move(elements)...); });
    }
  }

  void keep(handle made) {
    const std::lock_guard lock(mutex_);
    if (!done_) made_ = std::move(made);
  }
  void cancel() {
    handle made;
    {
      const std::lock_guard lock(mutex_);
      made = std::exchange(made_, {});
    }
    made.cancel();
    fail(message("cancelled", "the operation was cancelled"));
  }
  void fail(const message& reason) { finish(std::make_exception_ptr(failure(reason)), T()...); }
  void finish(std::exception_ptr failed, T... values) {
    handle made;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(done_, true)) return;
      made = std::exchange(made_, {});
    }
    boost::asio::post(work_.get_executor(), [self = this->shared_from_this(), failed = std::move(failed),
                                             all = std::tuple<T...>(std::move(values)...)]() mutable {
      auto slot = boost::asio::get_associated_cancellation_slot(self->handler_);
      if (slot.is_connected()) slot.clear();
      Handler h = std::move(self->handler_);
      self->work_.reset();
      std::apply([&](T&... v) { std::move(h)(std::move(failed), std::move(v)...); }, all);
    });
  }

  Handler handler_;
  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> work_;
  std::mutex mutex_;
  bool done_ = false;
  handle made_;  // until it is done
};

}  // namespace detail

template <class... T, class Token>
auto async_cal(call&& request, Token&& token) {
  if constexpr (sizeof...(T) == 0) {
    return async_cal<message>(std::move(request), std::forward<Token>(token));
  } else {
    return boost::asio::async_initiate<Token, void(std::exception_ptr, T...)>(
        [](auto handler, detail::call_to_come c) {
          std::make_shared<detail::call_operation<decltype(handler), T...>>(std::move(handler))
              ->begin(std::move(c));
        },
        token, detail::call_to_come(std::move(request)));
  }
}
// The same for async_cal<T…>(port, elements…, token).
template <class... T, class... A>
requires(sizeof...(A) > 1) auto async_cal(const port_id& to, A&&... elements_and_token) {
  return [&]<std::size_t... I>(std::index_sequence<I...>, auto all) {
    return async_cal<T...>(cal(to, std::get<I>(std::move(all))...), std::get<sizeof...(I)>(std::move(all)));
  }
  (std::make_index_sequence<sizeof...(A) - 1>(),
   std::forward_as_tuple(std::forward<A>(elements_and_token)...));
}

}  // namespace aemp
