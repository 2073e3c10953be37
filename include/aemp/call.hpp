// A call is a request and what to do with the reply. `cal` makes one: it sends a message whose last element
// is a port for the reply.
//
//     cal(adder, "add", 1, 2).within(1s).then([](int sum) { … }, [](const message& reason) { … });
//
// The first reply counts; later ones are dropped. The second continuation gets the reason of a failure:
// - the reason with which the port died or became unreachable, as soon as that is known;
// - `timeout`, when within() gave a limit and it has passed;
// - `bad_reply`, when the reply does not convert to the parameters of the first continuation.
//
// Both continuations run in the port that made the call, and neither runs once that port is dead. then()
// sends the request. A call that is destroyed without it sends the request, too, and ignores the reply. When
// the node is gone, nothing happens.
//
// In a coroutine, co_await does the same: see wait.hpp.
//
// The reply port dies with the first reply, or when the call is over. So it does not stand for the caller; one that
// has to be known needs a port of the caller's in the message.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <aemp/export.hpp>
#include <aemp/handler.hpp>
#include <aemp/monitor.hpp>
#include <aemp/time_span.hpp>

namespace aemp {

namespace detail {
class local_node;

AEMP_API port_id make_reply_port(local_node& node);
// Throws std::logic_error on a thread where the reply would not arrive.
AEMP_API void check_awaited_here(const port_id& reply);
// Gives the caller a reference. Does nothing and gives null when the node is gone.
AEMP_API owned* start_call(const node_identity& home, const port_id& to, const port_id& reply, block* request,
                           std::optional<std::chrono::nanoseconds> limit, handler_ref on_reply,
                           handler_ref on_failure);
template <class... T>
class call_awaiter;
struct call_access;
}  // namespace detail

class [[nodiscard]] call {
 public:
  call(call&& other) noexcept
      : home_(other.home_),
        to_(std::move(other.to_)),
        reply_(std::move(other.reply_)),
        request_(std::exchange(other.request_, nullptr)),
        limit_(other.limit_) {}
  call& operator=(call&&) = delete;
  // Sends the request, and may throw what snd throws.
  ~call() noexcept(false) {
    if (request_ != nullptr) start({}, {});
  }

  // The call fails with `timeout` when there is no reply within the limit.
  call&& within(time_span limit) && {
    limit_ = std::chrono::nanoseconds(limit);
    return std::move(*this);
  }

  template <class F>
  void then(F&& on_reply) && {
    start(detail::handler_ref(detail::make_handler(std::forward<F>(on_reply))), {});
  }
  template <class F, class G>
  void then(F&& on_reply, G&& on_failure) && {
    start(detail::handler_ref(detail::make_handler(std::forward<F>(on_reply))),
          detail::handler_ref(detail::make_handler(std::forward<G>(on_failure))));
  }

  // co_await gives the reply: as<T…>() its elements, one or a std::tuple; without it, the whole message. Throws
  // failure.
  template <class... T>
  detail::call_awaiter<T...> as() &&;
  detail::call_awaiter<message> operator co_await() &&;

  // For the library: `request` is owned and already ends with the reply port.
  call(const detail::node_identity& home, port_id to, port_id reply, detail::block* request)
      : home_(&home), to_(std::move(to)), reply_(std::move(reply)), request_(request) {}

 private:
  template <class... T>
  friend class detail::call_awaiter;
  friend detail::call_access;  // asio.hpp

  // Nothing is sent.
  void abandon() noexcept {
    if (request_ != nullptr) detail::release(*std::exchange(request_, nullptr));
  }
  void check_awaited_here() const {
    if (request_ == nullptr) throw std::logic_error("this call has been awaited already");
    detail::check_awaited_here(reply_);
  }
  handle start(detail::handler_ref on_reply, detail::handler_ref on_failure) {
    if (request_ == nullptr) throw std::logic_error("this call has been made already");
    return handle(detail::start_call(*home_, to_, reply_, std::exchange(request_, nullptr), limit_,
                                     std::move(on_reply), std::move(on_failure)));
  }

  // Never freed, as the call may outlive the node.
  const detail::node_identity* home_;
  port_id to_;
  port_id reply_;
  detail::block* request_;
  std::optional<std::chrono::nanoseconds> limit_;
};

namespace detail {

// g++ 12 destroys such a temporary twice if it is made in a co_await expression.
template <class A>
inline constexpr bool is_destroyed_twice =
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    std::is_aggregate_v<A> && !std::is_trivially_destructible_v<A>;
#else
    false;
#endif

// A call with such an argument: it can do all that a call can but be awaited where it is made.
class [[nodiscard]] call_with_temporary : public call {
 public:
  using call::call;
  call_with_temporary&& within(time_span limit) && {
    (void)std::move(*this).call::within(limit);
    return std::move(*this);
  }
  template <class... T>
  call_awaiter<T...> as() && {
    static_assert(refuse<T...>,
                  "cal: give the aggregate a name before: g++ 12 destroys one that is made in a "
                  "co_await expression twice");
    return std::move(*this).call::template as<T...>();
  }
  template <class T = message>
  call_awaiter<T> operator co_await() && {
    static_assert(refuse<T>,
                  "cal: give the aggregate a name before: g++ 12 destroys one that is made in a co_await "
                  "expression twice");
    return call_awaiter<T>(std::move(*this));
  }

 private:
  template <class... T>
  static constexpr bool refuse = false;
};

}  // namespace detail
}  // namespace aemp
