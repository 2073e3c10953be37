// Supervisors: ports that start other ports, their children, and start them again when they die. The terms, and what they
// mean, are those of Erlang/OTP.
//
//     port_id shop = supervise(one_for_one, restart_limit(3, 10s),
//                              child("store", [] { return spawn(store); }),
//                              child("counter", counter).transient(),
//                              child("index", "alpha", "index::start", 7));
//     port_id c = co_await child_of(shop, "counter");
//
// Children are started in the order of the list, and stopped in the opposite order. Which of them are started again when
// one dies, says the strategy:
//
//   one_for_one          that one
//   one_for_all          all of them; those that live are stopped before
//   rest_for_one         that one and those behind it in the list, which are stopped before
//   simple_one_for_one   that one; all are made from one child, by start_child
//
// A child is permanent (always started again), transient (if it died with a reason other than `shutdown`), or temporary
// (never, and forgotten). When more restarts are needed within a time than restart_limit allows, the supervisor stops all
// children and dies with `restart_limit`, the child's name and the last reason; so does one whose children cannot even
// be started. A supervisor may be the child of another one, which then decides.
//
// A child on another node is started by a function that is defined there. When the node is lost, the child is started
// again where it was, as soon as the node is back, which does not count as a restart; or, with a list of nodes or a group,
// on the next of these. The function there should monitor the supervisor, which is the last argument that it gets: when
// the supervisor is lost, nobody else can end the child.
//
// Whoever holds the ID of a supervisor, on any node, can ask for its children; the answers are calls, with within, then
// and co_await. A supervisor is a port with a coroutine: it can be monitored and killed, and its children end with it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <aemp/contract.hpp>
#include <aemp/data_connection.hpp>
#include <aemp/export.hpp>
#include <aemp/serve.hpp>

namespace aemp {

enum class strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one, simple_one_for_one };
inline constexpr strategy one_for_one = strategy::one_for_one;
inline constexpr strategy one_for_all = strategy::one_for_all;
inline constexpr strategy rest_for_one = strategy::rest_for_one;
inline constexpr strategy simple_one_for_one = strategy::simple_one_for_one;

// At most so many restarts within that time. Each child waits before it is started again if a backoff is given: `first`,
// and twice as long for each more restart within the time, up to `most`.
class restart_limit {
 public:
  constexpr restart_limit(unsigned most, time_span time) noexcept : restarts(most), within(time) {}
  constexpr restart_limit backoff(time_span first, time_span most) const noexcept {
    restart_limit out = *this;
    out.first_wait = first;
    out.longest_wait = most;
    return out;
  }

  unsigned restarts;
  std::chrono::nanoseconds within;
  std::chrono::nanoseconds first_wait{0}, longest_wait{0};
};

namespace detail {

enum class restart_kind : std::uint8_t { permanent, transient, temporary };

struct child_plan {
  std::string name;
  std::function<port_id(const message& arguments)> start;  // empty: it lives on another node
  std::size_t parameters = 0;                              // that the function takes
  std::vector<std::string> nodes;                          // the first, and those to go on with
  std::string node_group;                                  // or a group whose nodes are meant
  std::string function;                                    // defined there
  message arguments;
  restart_kind restart = restart_kind::permanent;
  std::optional<std::chrono::nanoseconds> shutdown;
  std::string group;
};

}  // namespace detail

// What child() makes: how to start a child, and when to do so again. Each function returns a changed copy.
class child_spec {
 public:
  explicit child_spec(detail::child_plan p) : plan_(std::move(p)) {}

  [[nodiscard]] child_spec permanent() const { return with(detail::restart_kind::permanent); }  // as without
  [[nodiscard]] child_spec transient() const { return with(detail::restart_kind::transient); }
  [[nodiscard]] child_spec temporary() const { return with(detail::restart_kind::temporary); }

  // How the child is stopped: it gets the message "shutdown", and is killed if it has not ended after that time. Without
  // this it is killed at once, after it has handled what was sent to it before. A supervisor as child needs the time that
  // its children take.
  [[nodiscard]] child_spec shutdown(time_span limit) const {
    child_spec out = *this;
    out.plan_.shutdown = limit;
    return out;
  }
  // The child is in that group while it lives, so that its clients find its present incarnation. Not for children on
  // other nodes, which do that themselves.
  [[nodiscard]] child_spec in_group(std::string group) const {
    child_spec out = *this;
    out.plan_.group = std::move(group);
    return out;
  }
  // For a child on another node: when its node is lost, it goes on with the next of these; after the last comes the first.
  [[nodiscard]] child_spec or_on(std::vector<std::string> nodes) const {
    child_spec out = *this;
    for (std::string& n : nodes) out.plan_.nodes.push_back(std::move(n));
    return out;
  }
  // The same with the nodes that have a port in that group at that time.
  [[nodiscard]] child_spec or_in_group(std::string group) const {
    child_spec out = *this;
    out.plan_.node_group = std::move(group);
    return out;
  }

  const detail::child_plan& plan() const noexcept { return plan_; }

 private:
  child_spec with(detail::restart_kind kind) const {
    child_spec out = *this;
    out.plan_.restart = kind;
    return out;
  }
  detail::child_plan plan_;
};

// What children() tells.
struct child_info {
  std::string name;
  std::optional<port_id> port;  // while it is running
  std::string state;            // running, waiting (to be started again), stopped
  std::string restart;          // permanent, transient, temporary
  unsigned restarts = 0;        // since the supervisor began
  std::string reason;           // of its last death
  bool is_supervisor = false;
};

namespace supervision {

// What a supervisor understands; for calls by hand, and for other languages.
inline constexpr request<"child_of", port_id(std::string)> child_of{};
inline constexpr request<"children", std::vector<child_info>()> children{};
inline constexpr request<"add_child", port_id(child_spec)> add_child{};
inline constexpr request<"stop_child", void(std::string)> stop_child{};
inline constexpr request<"stop_port", void(port_id)> stop_port{};
inline constexpr request<"restart_child", port_id(std::string)> restart_child{};
inline constexpr request<"delete_child", void(std::string)> delete_child{};
using api = contract<child_of, children, add_child, stop_child, stop_port, restart_child, delete_child>;

}  // namespace supervision

namespace detail {

AEMP_API port_id supervise(local_node& node, strategy how, const restart_limit& limit,
                           std::vector<child_plan> children);
[[noreturn]] AEMP_API void throw_bad_start(const mismatch& why);

// The arguments of supervise.
template <class... A>
inline constexpr bool are_supervised = false;
template <class How, class Limit, class... Children>
inline constexpr bool are_supervised<How, Limit, Children...> =
    std::is_same_v<std::decay_t<How>, strategy>&& std::is_same_v<std::decay_t<Limit>, restart_limit> &&
    (std::is_same_v<std::decay_t<Children>, child_spec> && ...);

template <class F, class Parameters>
struct child_starter;
template <class F, class... P>
struct child_starter<F, std::tuple<P...>> {
  F& f;
  port_id& made;
  void operator()(P... p) {
    if constexpr (is_task<result_of<F>>) {
      made = spawn(f, std::forward<P>(p)...);
    } else {
      made = f(std::forward<P>(p)...);
    }
  }
};

template <class F>
std::function<port_id(const message&)> starter_of(F&& function) {
  using closure = std::decay_t<F>;
  return [f = std::make_shared<closure>(std::forward<F>(function))](const message& arguments) {
    port_id made;
    child_starter<closure, parameters_t<closure>> start{*f, made};
    mismatch why;
    block& content = arguments.get() != nullptr ? *arguments.get() : empty_block();
    if (caller<decltype(start), parameters_t<closure>>::call(start, content, 0, &why) == outcome::refused)
      throw_bad_start(why);
    return made;
  };
}

}  // namespace detail

// A child on this node. f starts it: it returns a port, or is a coroutine, which is spawned. It runs in the supervisor,
// each time again; an exception counts as a death. It takes parameters only for simple_one_for_one, those of start_child.
template <class F>
requires detail::handler_like<std::decay_t<F>> child_spec child(std::string name, F&& f) {
  using closure = std::decay_t<F>;
  using made = detail::result_of<closure>;
  static_assert(detail::is_task<made> || std::is_convertible_v<made, port_id>,
                "child: the function returns the port of the child, or is a coroutine");
  detail::child_plan p;
  p.name = std::move(name);
  p.start = detail::starter_of(std::forward<F>(f));
  p.parameters = std::tuple_size_v<detail::parameters_t<closure>>;
  return child_spec(std::move(p));
}
template <class F>
requires(!detail::handler_like<std::decay_t<F>>) child_spec child(std::string, F&&) {
  static_assert(
      detail::handler_like<std::decay_t<F>>,
      "child: behind the name comes a function that starts the child, and is called each time (no `auto` "
      "parameters, and not what it returns); or a node and the name of a function there");
  return child_spec({});
}
// A child on another node: a function that is defined there, and its arguments. The ID of the supervisor is added.
template <class... A>
child_spec child(std::string name, std::string node, std::string function, A&&... arguments) {
  detail::child_plan p;
  p.name = std::move(name);
  p.nodes.push_back(std::move(node));
  p.function = std::move(function);
  if constexpr (sizeof...(A) > 0) p.arguments = message(std::forward<A>(arguments)...);
  return child_spec(std::move(p));
}

// ---- to ask a supervisor; each is a call, which fails with no_such_child where there is none of that name ----

// The port of a child. Waits for one that is about to be started again; fails with child_stopped if it is not.
inline auto child_of(const port_id& supervisor, std::string name) {
  return cal(port_to<supervision::api>(supervisor), supervision::child_of, std::move(name));
}
// The same where the child keeps a contract: child_of<shop::api>(supervisor, "till").
template <class Contract>
auto child_of(const port_id& supervisor, std::string name) {
  return detail::typed_call<port_to<Contract>, false>(cal(supervisor, "child_of", std::move(name)));
}
// All children, in their order: a std::vector<child_info>.
inline auto children(const port_id& supervisor) {
  return cal(port_to<supervision::api>(supervisor), supervision::children);
}
// One more child, behind the others. Fails with child_exists, or with the reason for which it cannot be started. For
// supervisors in this process.
inline auto start_child(const port_id& supervisor, child_spec child) {
  return cal(port_to<supervision::api>(supervisor), supervision::add_child, std::move(child));
}
// simple_one_for_one: one more child, with these arguments.
template <class... A>
requires(!(std::is_same_v<std::decay_t<A>, child_spec> || ...)) auto start_child(const port_id& supervisor,
                                                                                 A&&... arguments) {
  return detail::typed_call_with<port_id, A...>(
      cal(supervisor, "start_child", std::forward<A>(arguments)...));
}
// Stops a child, which is not started again before restart_child, or before the strategy starts it with its siblings. Does
// nothing to one that is stopped already.
inline auto stop_child(const port_id& supervisor, std::string name) {
  return cal(port_to<supervision::api>(supervisor), supervision::stop_child, std::move(name));
}
// Stops the child with that port. One of simple_one_for_one is forgotten then.
inline auto stop_child(const port_id& supervisor, const port_id& child) {
  return cal(port_to<supervision::api>(supervisor), supervision::stop_port, child);
}
// Starts a child that is stopped; one that runs is stopped before. Does not count as a restart.
inline auto restart_child(const port_id& supervisor, std::string name) {
  return cal(port_to<supervision::api>(supervisor), supervision::restart_child, std::move(name));
}
// Stops a child and forgets it.
inline auto delete_child(const port_id& supervisor, std::string name) {
  return cal(port_to<supervision::api>(supervisor), supervision::delete_child, std::move(name));
}

class supervisor_functions : public data_functions {
 public:
  using data_functions::data_functions;

  // A supervisor with these children. Returns before any is started. Throws std::invalid_argument when two have the same
  // name, and for simple_one_for_one without exactly one child.
  template <class... Children>
  requires detail::are_supervised<strategy, restart_limit, Children...> port_id
  supervise(strategy how, const restart_limit& limit, Children... children) {
    return detail::supervise(*core_, how, limit, {std::move(children).plan()...});
  }
  template <class... A>
  requires(!detail::are_supervised<A...>) port_id supervise(A&&...) {
    static_assert(detail::are_supervised<A...>,
                  "supervise: first a strategy, then a restart_limit, then children: supervise(one_for_one, "
                  "restart_limit(3, 10s), child(\"name\", f))");
    return {};
  }
};

// The same, for the node at hand.
template <class... A>
port_id supervise(A&&... all) {
  return supervisor_functions(detail::this_node("supervise")).supervise(std::forward<A>(all)...);
}

}  // namespace aemp
