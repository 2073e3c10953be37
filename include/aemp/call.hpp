// A call: a message with a port for the reply behind its last element, and what to do with the reply. Made by
// cal.
//
//     cal(adder, "add", 1, 2).within(1s).then([](int sum) { … }, [](const message& reason) { … });
//
// The first reply counts and later ones go nowhere. Failures: the reason with which the port died, or could
// not be reached, as soon as that is known; `timeout`, when there is a limit and it is over; `bad_reply` when
// the reply does not convert to what the continuation takes. Both continuations run in the port that made the
// call, and not at all once that port is dead. The request is sent by then(), or without a care for the reply
// when the call is dropped without it. Once the node is gone, nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include <aemp/handler.hpp>

namespace aemp {

namespace detail {
class local_node;

port_id make_reply_port(local_node& node);
// Does nothing when the node is gone.
void start_call(const node_identity& home, const port_id& to, const port_id& reply, block* request,
                std::optional<std::chrono::nanoseconds> limit, handler_ref on_reply, handler_ref on_failure);
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
  ~call() noexcept(false) {  // it sends, and may throw what snd throws
    if (request_ != nullptr) start({}, {});
  }

  // Fails with `timeout` when there is no reply in time.
  call&& within(std::chrono::nanoseconds limit) && {
    limit_ = limit;
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

  // For the library: `request` is owned and already ends with the reply port.
  call(const detail::node_identity& home, port_id to, port_id reply, detail::block* request)
      : home_(&home), to_(std::move(to)), reply_(std::move(reply)), request_(request) {}

 private:
  void start(detail::handler_ref on_reply, detail::handler_ref on_failure) {
    detail::start_call(*home_, to_, reply_, std::exchange(request_, nullptr), limit_, std::move(on_reply),
                       std::move(on_failure));
  }

  const detail::node_identity* home_;  // which is never freed: the call may outlive the node
  port_id to_;
  port_id reply_;
  detail::block* request_;
  std::optional<std::chrono::nanoseconds> limit_;
};

}  // namespace aemp
