// The compiled half of port.hpp: what its functions call, which knows no types but handlers and blocks. You
// need only on_worker from here.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <aemp/call.hpp>
#include <aemp/export.hpp>
#include <aemp/handler.hpp>
#include <aemp/match.hpp>
#include <aemp/monitor.hpp>
#include <aemp/port_limits.hpp>

namespace aemp {

namespace detail {

class local_node;

// One pair of an rcv call. A tag without a handler removes the tag's handlers.
struct handler_change {
  enum class kind : std::uint8_t { tag, pattern, otherwise };
  kind what = kind::otherwise;
  symbol tag = {};
  std::unique_ptr<const pattern> match = {};
  handler_ref handler = {};
};

// The node at hand: the node whose callback is running, else the process's first node, which cannot end while
// this object exists.
class AEMP_API node_at_hand {
 public:
  // Throws std::logic_error when there is none.
  explicit node_at_hand(const char* function) : node_(running_node()) {
    if (node_ == nullptr) [[unlikely]]
      enter_first(function);
  }
  node_at_hand(const node_at_hand&) = delete;
  node_at_hand& operator=(const node_at_hand&) = delete;
  ~node_at_hand() {
    if (entered_ != nullptr) [[unlikely]]
      leave_first();
  }
  operator local_node&() const noexcept { return *node_; }

 private:
  static local_node* running_node() noexcept;
  void enter_first(const char* function);
  void leave_first() noexcept;

  local_node* node_;
  const node_identity* entered_ = nullptr;  // set when no callback of the node is running here
};
inline node_at_hand this_node(const char* function) { return node_at_hand(function); }

// The worker on which a port is to live.
struct worker_choice {
  enum class kind : std::uint8_t { here, any, one };
  kind what = kind::here;
  unsigned index = 0;
};

// Sends from the node at hand.
AEMP_API void send(const port_id& to, block* b);
// Sends from this node.
AEMP_API void send_from(local_node& node, const port_id& to, block* b);
// Turns a message, which others may hold, too, into a block that can be queued.
AEMP_API block* enqueue_form(message m);
// A message with elements added at both ends. Throws std::invalid_argument for an element without a wire
// form.
AEMP_API message joined(std::vector<value> head, const message& m, std::vector<value> tail);
AEMP_API port_id open_port(local_node& node, const worker_choice& where, std::span<handler_change> handlers);
AEMP_API void register_handlers(local_node& node, const port_id& port, std::span<handler_change> handlers);
AEMP_API void kill(local_node& node, const port_id& port, message reason);
AEMP_API owned* watch(local_node& node, const port_id& port, handler_ref on_death);
AEMP_API owned* start_timer(local_node& node, std::chrono::nanoseconds delay, bool repeat, handler_ref f);
AEMP_API port_id spawn_here(local_node& node, const worker_choice& where, handler_ref birth,
                            message arguments);
AEMP_API std::string new_spawn_name(local_node& node);
AEMP_API port_id spawn_there(local_node& node, const std::string& where, const std::string& name,
                             message request);
AEMP_API void define_function(local_node& node, std::string name, handler_ref f,
                              std::optional<std::vector<std::string>> callers);
AEMP_API void run_in_port(local_node& node, const port_id& port, block* task, bool at_once);
AEMP_API void run_later_in_port(const node_identity& home, const port_id& port, block* task);
AEMP_API const node_identity& home_of(const local_node& node);
AEMP_API port_id running_port(const local_node& node);
[[noreturn]] AEMP_API void throw_outside_port(const char* function);
AEMP_API std::string node_name(const local_node& node);
AEMP_API std::vector<std::string> nodes_up(local_node& node);
AEMP_API std::vector<std::string> nodes_known(local_node& node);
AEMP_API owned* watch_nodes(local_node& node, handler_ref f);
AEMP_API std::size_t unsent(local_node& node, const std::string& where);
AEMP_API owned* when_drained(local_node& node, const std::string& where, handler_ref f);
AEMP_API owned* when_drained(local_node& node, const port_id& port, handler_ref f, handler_ref on_failure,
                             std::optional<std::chrono::nanoseconds> limit);
AEMP_API owned* when_up(local_node& node, const port_id& port, handler_ref f, handler_ref on_failure,
                        std::optional<std::chrono::nanoseconds> limit);
AEMP_API owned* when_overloaded(local_node& node, const port_id& port, handler_ref f);
AEMP_API void set_limits(local_node& node, const port_id& port, const port_limits& limits);

template <class F>
handler_ref handler_of(F&& f) {
  return handler_ref(make_handler(std::forward<F>(f)));
}
inline handler_ref handler_of(std::nullptr_t) { return {}; }

template <class F>
handler_change make_handler_change(pattern p, F&& f) {
  return {handler_change::kind::pattern,
          {},
          std::make_unique<const pattern>(std::move(p)),
          handler_of(std::forward<F>(f))};
}
template <class F>
handler_change make_handler_change(otherwise_tag, F&& f) {
  return {handler_change::kind::otherwise, {}, {}, handler_of(std::forward<F>(f))};
}
template <class F>
handler_change make_handler_change(std::string_view tag, F&& f) {
  return {handler_change::kind::tag, symbol(tag), {}, handler_of(std::forward<F>(f))};
}

template <class>
inline constexpr bool refuse = false;

template <class What, class F>
requires(!std::is_convertible_v<What, std::string_view> && !std::is_same_v<std::decay_t<What>, pattern> &&
         !std::is_same_v<std::decay_t<What>, otherwise_tag>) handler_change make_handler_change(What&&, F&&) {
  static_assert(refuse<What>,
                "in front of a handler stands what it is for: a tag, which is a text, a match(…), or "
                "otherwise");
  return {};
}

inline void collect(handler_change*) {}
template <class F>
void collect(handler_change* out, F&& f) {
  static_assert(!std::is_convertible_v<F, std::string_view>, "behind a tag comes its handler");
  *out = make_handler_change(otherwise, std::forward<F>(f));
}
template <class What, class F, class... More>
void collect(handler_change* out, What&& what, F&& f, More&&... more) {
  *out = make_handler_change(std::forward<What>(what), std::forward<F>(f));
  collect(out + 1, std::forward<More>(more)...);
}

// What psub returns: calls f later, in the port in which psub was called. It does nothing once the port or
// the node is gone.
template <class F>
class port_callback {
 public:
  port_callback(local_node& node, port_id port, F f)
      : home_(&home_of(node)), port_(std::move(port)), f_(std::make_shared<F>(std::move(f))) {}

  template <class... A>
  void operator()(A&&... a) const {
    run_later_in_port(
        *home_, port_,
        make_task([f = f_, arguments = std::tuple<std::decay_t<A>...>(std::forward<A>(a)...)]() mutable {
          static_assert(
              !is_task<std::invoke_result_t<F&, std::decay_t<A>...>>,
              "psub: the function cannot wait; let it spawn a coroutine, or send a message to a handler");
          std::apply(*f, std::move(arguments));
        }));
  }

 private:
  // Never freed, as the callback may outlive the node.
  const node_identity* home_;
  port_id port_;
  std::shared_ptr<F> f_;
};

}  // namespace detail

// The worker on which a port is to live: on_worker(n) with n from 0 to config.workers - 1, or any_worker,
// which takes them in turn. A port never moves to another worker, and callbacks of ports on the same worker
// never run at the same time.
class on_worker {
 public:
  explicit constexpr on_worker(unsigned index) noexcept : choice_{detail::worker_choice::kind::one, index} {}
  static constexpr on_worker any() noexcept { return on_worker(detail::worker_choice::kind::any); }
  constexpr const detail::worker_choice& choice() const noexcept { return choice_; }

 private:
  explicit constexpr on_worker(detail::worker_choice::kind what) noexcept : choice_{what} {}
  detail::worker_choice choice_;
};
inline constexpr on_worker any_worker = on_worker::any();

}  // namespace aemp
