// Ports: making them, receiving on them, sending to them, watching them die. Every function exists twice: as
// a member of node, and as a free function for the node at hand. That is the node whose callback is running,
// else the process's first node; if there is none, the function throws std::logic_error.
//
// All functions may be called from any thread. On the worker of the port they take effect at once, from other
// threads in the order of the calls.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/call.hpp>
#include <aemp/callback.hpp>
#include <aemp/entry.hpp>
#include <aemp/misuse.hpp>

namespace aemp {

// The functions of a node. Base class of node, and what the free functions below call.
class node_functions {
 public:
  explicit node_functions(detail::local_node& core) noexcept : core_(&core) {}

  // A new port, with handlers as for rcv. It lives on the worker of the callback that makes it (outside
  // callbacks: the first). Cost: 32 bytes, and for each handler 32 + 16 and its captures.
  template <class... Handlers>
  port_id port(Handlers&&... handlers) {
    auto list = changes_of(std::forward<Handlers>(handlers)...);
    return detail::open_port(*core_, {}, list);
  }
  // The same on a given worker: port(on_worker(2), …), port(any_worker, …). Throws std::invalid_argument for
  // a worker that the node does not have.
  template <class... Handlers>
  port_id port(on_worker where, Handlers&&... handlers) {
    auto list = changes_of(std::forward<Handlers>(handlers)...);
    return detail::open_port(*core_, where.choice(), list);
  }

  // Registers handlers, and returns the port.
  //   rcv(port, "tag", f)          f gets what follows the tag
  //   rcv(port, match(…), f)       f gets the whole message
  //   rcv(port, f)                 f gets the whole message
  //   rcv(port, otherwise, f)      the same, when no other handler ran; a port has only one
  //   rcv(port, "tag", nullptr)    removes the handlers of the tag
  // All handlers that match run: those of tags, of patterns that begin with a text, and of other patterns,
  // each in the order of registration. A name of this node that is no port yet becomes one. Throws
  // std::invalid_argument for a port of another node.
  template <class... Handlers>
  port_id rcv(const port_id& port, Handlers&&... handlers) {
    auto list = changes_of(std::forward<Handlers>(handlers)...);
    detail::register_handlers(*core_, port, list);
    return port;
  }

  // Sends a message. Never runs a handler, and never blocks, except for config.memory_limit on threads outside of
  // callbacks. Does nothing when the port is gone. A single argument of type message is sent as it is, here and
  // wherever else a function takes elements. Throws std::invalid_argument for an empty port ID, and its class
  // unsendable for what cannot leave the process or finds no room.
  template <class... A>
  requires(sizeof...(A) > 0) void snd(const port_id& to, A&&... a) {
    detail::send_from(*core_, to, block_of(std::forward<A>(a)...));
  }

  // Ends a port, after it has handled what was sent to it so far. Without a reason the end is a normal one.
  // Throws std::invalid_argument for a node port.
  template <class... Reason>
  void kil(const port_id& port, Reason&&... reason) {
    detail::kill(*core_, port, message_of(std::forward<Reason>(reason)...));
  }

  // Fires once, when the port is dead or cannot be reached any more. From this call on, either every message
  // arrives in order, or the monitor fires. The reason is no_such_port when there is no such port,
  // transport_error when it cannot be reached, and node_stopped when its node says that it stops; the node
  // and a text follow in the last two.
  //   mon(port, f)                f(reason)
  //   mon(port, other)            kills other with the reason, unless that is empty
  //   mon(port)                   the same with the running port
  //   mon(port, other, "tag", …)  sends that message to other, the reason appended
  template <class F>
  requires detail::handler_like<std::decay_t<F>> monitor mon(const port_id& port, F&& f) {
    return monitor(detail::watch(*core_, port, detail::handler_of(std::forward<F>(f))));
  }
  monitor mon(const port_id& port, const port_id& other) {
    return mon(port, [core = core_, other](const message& reason) {
      if (!reason.empty()) detail::kill(*core, other, reason);
    });
  }
  monitor mon(const port_id& port) { return mon(port, self_or_throw("mon(port)")); }
  template <class... A>
  requires(sizeof...(A) > 0) monitor mon(const port_id& port, const port_id& other, A&&... a) {
    return mon(port, [core = core_, other, head = message(std::forward<A>(a)...)](const message& reason) {
      std::vector<value> all = head.elements();
      for (value& v : reason.elements()) all.push_back(std::move(v));
      detail::send_from(*core, other, message::of(std::move(all)).leak());
    });
  }
  template <class... A>
  [[nodiscard]] monitor_guard mon_guard(A&&... a) {
    return monitor_guard(mon(std::forward<A>(a)...));
  }

  // Starts a new port by calling a function in it.
  //   spawn(where, "function", args…)  on another node (its ID, or a port there), by a function defined there
  //   spawn(f, args…)                  here, by f, on the node's workers in turn
  //   spawn(on_worker(2), f, args…)    here, by f, on that worker
  // Returns before anything runs; the ID may be used at once. In the function, self() is the new port. The
  // port ends when the function returns and has left no handler, timer or call behind. An unknown function
  // ends the port with no_such_function.
  template <class Where, class... A>
  port_id spawn(Where&& where, A&&... a) {
    if constexpr (std::is_same_v<std::decay_t<Where>, on_worker>) {
      return spawn_at(where.choice(), std::forward<A>(a)...);
    } else if constexpr (detail::handler_like<std::decay_t<Where>>) {
      return spawn_at(any_worker.choice(), std::forward<Where>(where), std::forward<A>(a)...);
    } else if constexpr (std::is_same_v<std::decay_t<Where>, port_id>) {
      return spawn_on(where.node(), std::forward<A>(a)...);
    } else {
      static_assert(!detail::is_task<std::decay_t<Where>>,
                    "spawn: pass the function and its arguments, not the task that it returns: spawn(f, 1)");
      static_assert(
          std::is_constructible_v<std::string, Where>,
          "spawn: the first argument is a function (without `auto` parameters), on_worker(n), the ID of a "
          "node, or a port");
      return spawn_on(std::string(std::forward<Where>(where)), std::forward<A>(a)...);
    }
  }

  // Makes f callable from other nodes by this name. f runs on the worker that called define (outside
  // callbacks: the first).
  template <class F>
  void define(std::string name, F&& f) {
    detail::define_function(*core_, std::move(name), detail::handler_of(std::forward<F>(f)), {});
  }
  // Callable only from this node and from the callers: define("stop", f, {"console", "@admins"}). "@admins"
  // is a group; every node that has a port in it may call. This trusts what a node says about its ID and its
  // groups, unless certificates name their owners (aemp-protocol(7)): with the secret alone, any node can
  // take any free ID and register any port.
  template <class F>
  void define(std::string name, F&& f, std::vector<std::string> callers) {
    detail::define_function(*core_, std::move(name), detail::handler_of(std::forward<F>(f)),
                            std::move(callers));
  }

  // Calls a function defined on another node, for its effect.
  template <class... A>
  void call_function(const std::string& where, std::string_view function, A&&... a) {
    const port_id node_port = detail::make_named_port(where, {});
    if constexpr (is_message<A...>) {
      detail::send_from(*core_, node_port, detail::joined({value(function)}, a..., {}).leak());
    } else {
      detail::send_from(*core_, node_port, detail::make_block(std::string(function), std::forward<A>(a)...));
    }
  }

  // Sends a request and gets the reply: see call.hpp.
  template <class... A>
  auto cal(const port_id& to, A&&... a) {
    port_id reply = detail::make_reply_port(*core_);
    detail::block* request;
    if constexpr (is_message<A...>) {
      request = detail::joined({}, a..., {value(reply)}).leak();
    } else {
      request = detail::make_block(std::forward<A>(a)..., port_id(reply));
    }
    using made =
        std::conditional_t<(detail::is_destroyed_twice<A> || ...), detail::call_with_temporary, call>;
    return made(detail::home_of(*core_), to, std::move(reply), request);
  }

  // Timers: after() fires once after the delay, every() once in each interval until f returns done. They run
  // in the running port and end with it. Resolution: the worker's clock. A late timer fires once, then keeps
  // its schedule; missed ticks are not made up.
  template <class F>
  requires detail::handler_like<std::decay_t<F>> timer after(time_span delay, F&& f) {
    return timer(detail::start_timer(*core_, delay, false, detail::handler_of(std::forward<F>(f))));
  }
  template <class... A>
  requires(sizeof...(A) > 0) timer after(time_span delay, const port_id& to, A&&... a) {
    return after(delay, [core = core_, to, m = message(std::forward<A>(a)...)] {
      detail::send_from(*core, to, detail::enqueue_form(m));
    });
  }
  template <class F>
  timer every(time_span interval, F&& f) {
    return timer(detail::start_timer(*core_, interval, true, detail::handler_of(std::forward<F>(f))));
  }

  // A callback for other libraries: it may be called on any thread, and f gets the arguments in the running
  // port. Throws std::logic_error outside a port.
  template <class F>
  auto psub(F&& f) {
    return detail::port_callback<std::decay_t<F>>(*core_, self_or_throw("psub"), std::forward<F>(f));
  }

  // Runs f in a port of this node: at once when called on the port's worker, else later. An exception kills
  // the port.
  template <class F>
  void peval(const port_id& port, F&& f) {
    static_assert(
        !detail::is_task<std::invoke_result_t<std::decay_t<F>&>>,
        "peval: the function cannot wait; let it begin a coroutine, with spawn or by a message to a handler");
    detail::run_in_port(*core_, port, detail::make_task(std::decay_t<F>(std::forward<F>(f))), true);
  }

  port_id self() const { return detail::running_port(*core_); }  // empty outside a port

  // This node's ID. It changes once, when become_public makes it an address.
  std::string id() const { return detail::node_name(*core_); }

  // The nodes that are connected, without this one.
  std::vector<std::string> up_nodes() { return detail::nodes_up(*core_); }
  // Also the nodes that are being connected to.
  std::vector<std::string> known_nodes() { return detail::nodes_known(*core_); }
  bool node_is_up(const std::string& id) {
    if (id == this->id()) return true;
    for (const std::string& up : up_nodes()) {
      if (up == id) return true;
    }
    return false;
  }

  // f(node, true) when a node comes up, f(node, false, reason…) when it goes down. For each node the two
  // strictly alternate, and f(node, true) precedes every message of that node.
  template <class F>
  monitor mon_nodes(F&& f) {
    static_assert(detail::takes_elements<F, detail::element::text, detail::element::boolean>,
                  "mon_nodes: the callback takes (std::string node, bool up); and, for the reason of a node "
                  "that goes, a rest or std::optional parameters behind them; or a const message& alone");
    return monitor(detail::watch_nodes(*core_, detail::handler_of(std::forward<F>(f))));
  }

  // Back-pressure: snd never blocks, so ask how much waits before you send more. This is the number of bytes
  // on this node that the other node (an ID) has not taken yet; an estimate while it is being connected to.
  // Messages that threads other than the network worker's have just sent are not counted yet; use
  // when_drained there. Cost: a lock.
  std::size_t unsent(const std::string& where) const { return detail::unsent(*core_, where); }
  // f(), once, later, in the running port: when less than 128 KiB wait of all that this thread sent to that
  // node before this call, or when the node is lost (which monitors tell). Soon when nothing waits. Throws
  // std::invalid_argument for the ID of a port.
  //   void send_a_lot() { for (…) snd(sink, "data", …); when_drained(node_of(sink), [] { send_a_lot(); }); }
  template <class F>
  monitor when_drained(const std::string& where, F&& f) {
    return monitor(detail::when_drained(*core_, where, detail::handler_of(std::forward<F>(f))));
  }

  // Bounds what waits for a port of this node (port_limits.hpp), from now on; {} takes its limits away.
  //   spawn([] { set_limits(self(), {.messages = 1000}); … });
  // Throws std::invalid_argument for a port of another node.
  void set_limits(const port_id& port, const port_limits& limits) {
    detail::set_limits(*core_, port, limits);
  }
  // Back-pressure from end to end: f(n), once, later, in the running port, when all that this one has sent before has
  // come to the port's handlers or mailbox, and there is room. Then n messages may be sent within a second: so many are
  // set aside until it asks again. If all senders ask, a limit of messages is never exceeded; one of bytes may be, as the
  // number is guessed from the messages so far. A port without a limit of messages gives a thousand at most; so does a
  // Perl node. Not called when the port dies or cannot be reached, which monitors tell. Throws std::logic_error outside of
  // ports. Cost: a call.
  //   void send_some(port_id sink, std::size_t n) { while (n-- != 0) snd(sink, "data", …);
  //                                                 when_drained(sink, [=](std::size_t n) { send_some(sink, n); }); }
  template <class F>
  monitor when_drained(const port_id& port, F&& f) {
    static_assert(
        detail::takes_elements<F, detail::element::number>,
        "when_drained: the callback takes how many messages may be sent, (std::size_t n), or nothing");
    return monitor(detail::when_drained(*core_, port, detail::handler_of(std::forward<F>(f)),
                                        detail::handler_of([] {}), {}));
  }
  // f(dropped), once, in the running port: the next time that the port refuses a message (when_full::refuse), with the
  // number of all that it has dropped. Never for ports of nodes that know no limits. Throws as when_drained.
  template <class F>
  monitor when_overloaded(const port_id& port, F&& f) {
    static_assert(
        detail::takes_elements<F, detail::element::number>,
        "when_overloaded: the callback takes how many messages were dropped, (std::size_t), or nothing");
    return monitor(detail::when_overloaded(*core_, port, detail::handler_of(std::forward<F>(f))));
  }

 private:
  template <class... Handlers>
  static std::array<detail::handler_change, (sizeof...(Handlers) + 1) / 2> changes_of(
      Handlers&&... handlers) {
    std::array<detail::handler_change, (sizeof...(Handlers) + 1) / 2> list;
    detail::collect(list.data(), std::forward<Handlers>(handlers)...);
    return list;
  }

  // A message that was built before can stand in for a list of elements.
  template <class... A>
  static constexpr bool is_message = sizeof...(A) == 1 &&
                                     (std::is_same_v<std::remove_cvref_t<A>, message> && ...);

  template <class... A>
  static detail::block* block_of(A&&... a) {
    if constexpr (is_message<A...>) {
      return detail::enqueue_form(std::forward<A>(a)...);
    } else {
      return detail::make_block(std::forward<A>(a)...);
    }
  }

  template <class... A>
  static message message_of(A&&... a) {
    if constexpr (sizeof...(A) == 0) {
      return {};
    } else {
      return message(std::forward<A>(a)...);
    }
  }

  template <class F, class... A>
  port_id spawn_at(const detail::worker_choice& where, F&& f, A&&... a) {
    return detail::spawn_here(*core_, where, detail::handler_of(std::forward<F>(f)),
                              message_of(std::forward<A>(a)...));
  }

  template <class... A>
  port_id spawn_on(const std::string& where, std::string function, A&&... a) {
    std::string name = detail::new_spawn_name(*core_);
    if constexpr (is_message<A...>) {
      return detail::spawn_there(*core_, where, name,
                                 detail::joined({"AnyEvent::MP::_spawn", name, function}, a..., {}));
    } else {
      message request("AnyEvent::MP::_spawn", std::string(name), std::move(function), std::forward<A>(a)...);
      return detail::spawn_there(*core_, where, name, std::move(request));
    }
  }

  port_id self_or_throw(const char* function) const {
    port_id running = self();
    if (!running) detail::throw_outside_port(function);
    return running;
  }

 protected:
  detail::local_node* core_;
};

// The same, for the node at hand.

template <class... H>
port_id port(H&&... handlers) {
  return node_functions(detail::this_node("port")).port(std::forward<H>(handlers)...);
}
template <class... H>
port_id rcv(const port_id& port, H&&... handlers) {
  return node_functions(detail::this_node("rcv")).rcv(port, std::forward<H>(handlers)...);
}
template <class First, class... A>
[[gnu::always_inline]] inline void snd(const port_id& to, First&& first, A&&... a) {
  if constexpr (sizeof...(A) == 0 && std::is_same_v<std::decay_t<First>, message>) {
    detail::send(to, detail::enqueue_form(std::forward<First>(first)));
  } else {
    detail::send(to, detail::make_block(std::forward<First>(first), std::forward<A>(a)...));
  }
}
template <class... R>
void kil(const port_id& port, R&&... reason) {
  node_functions(detail::this_node("kil")).kil(port, std::forward<R>(reason)...);
}
template <class... A>
monitor mon(const port_id& port, A&&... a) {
  return node_functions(detail::this_node("mon")).mon(port, std::forward<A>(a)...);
}
template <class... A>
[[nodiscard]] monitor_guard mon_guard(const port_id& port, A&&... a) {
  return node_functions(detail::this_node("mon_guard")).mon_guard(port, std::forward<A>(a)...);
}
template <class Where, class... A>
port_id spawn(Where&& where, A&&... a) {
  return node_functions(detail::this_node("spawn")).spawn(std::forward<Where>(where), std::forward<A>(a)...);
}
template <class F>
void define(std::string name, F&& f) {
  node_functions(detail::this_node("define")).define(std::move(name), std::forward<F>(f));
}
template <class F>
void define(std::string name, F&& f, std::vector<std::string> callers) {
  node_functions(detail::this_node("define")).define(std::move(name), std::forward<F>(f), std::move(callers));
}
template <class... A>
auto cal(const port_id& to, A&&... a) {
  return node_functions(detail::this_node("cal")).cal(to, std::forward<A>(a)...);
}
template <class... A>
timer after(time_span delay, A&&... a) {
  return node_functions(detail::this_node("after")).after(delay, std::forward<A>(a)...);
}
template <class F>
timer every(time_span interval, F&& f) {
  return node_functions(detail::this_node("every")).every(interval, std::forward<F>(f));
}
template <class F>
auto psub(F&& f) {
  return node_functions(detail::this_node("psub")).psub(std::forward<F>(f));
}
template <class F>
void peval(const port_id& port, F&& f) {
  node_functions(detail::this_node("peval")).peval(port, std::forward<F>(f));
}
template <class F>
monitor mon_nodes(F&& f) {
  return node_functions(detail::this_node("mon_nodes")).mon_nodes(std::forward<F>(f));
}
inline std::size_t unsent(const std::string& where) {
  return node_functions(detail::this_node("unsent")).unsent(where);
}
template <class F>
monitor when_drained(const std::string& where, F&& f) {
  return node_functions(detail::this_node("when_drained")).when_drained(where, std::forward<F>(f));
}
inline void set_limits(const port_id& port, const port_limits& limits) {
  node_functions(detail::this_node("set_limits")).set_limits(port, limits);
}
template <class F>
monitor when_drained(const port_id& port, F&& f) {
  return node_functions(detail::this_node("when_drained")).when_drained(port, std::forward<F>(f));
}
template <class F>
monitor when_overloaded(const port_id& port, F&& f) {
  return node_functions(detail::this_node("when_overloaded")).when_overloaded(port, std::forward<F>(f));
}
inline port_id self() { return node_functions(detail::this_node("self")).self(); }
inline std::vector<std::string> up_nodes() {
  return node_functions(detail::this_node("up_nodes")).up_nodes();
}
inline std::vector<std::string> known_nodes() {
  return node_functions(detail::this_node("known_nodes")).known_nodes();
}
inline bool node_is_up(const std::string& id) {
  return node_functions(detail::this_node("node_is_up")).node_is_up(id);
}
inline std::string node_of(const port_id& port) { return port.node(); }

}  // namespace aemp
