// The compiled side of include/aemp/port_limits.hpp: limits of a port here, and questions to any port.
#include <stdexcept>
#include <string>

#include <aemp/entry.hpp>

#include "core/local_node.hpp"
#include "core/marks.hpp"
#include "core/port_question.hpp"

namespace aemp::detail {
namespace {

void check_is_port(const port_id& port, const std::string& function, const std::string& advice) {
  if (!port) throw std::invalid_argument(function + ": the port ID is empty");
  if (port.is_node_port())
    throw std::invalid_argument(function + ": " + port.str() + " is a node port" + advice);
}

// The answer is that of a call: it ends with the port that asks, and fails with the port that is asked.
owned* ask(local_node& node, const port_id& port, core::port_question what, handler_ref on_answer,
           handler_ref on_failure, std::optional<std::chrono::nanoseconds> limit, const char* function) {
  core::worker* const w = node.here();
  if (w == nullptr || w->running_port() == 0) throw_outside_port(function);
  const port_id self = running_port(node);
  const port_id reply = make_reply_port(node);
  owned* const call =
      start_call(node.identity(), port, reply, nullptr, limit, std::move(on_answer), std::move(on_failure));
  node.ask(port, what, self, reply);
  return call;
}

}  // namespace

void set_limits(local_node& node, const port_id& port, const port_limits& limits) {
  check_is_port(port, "set_limits", ", which has no limits");
  if (!node.names().is_local(port)) {
    throw std::invalid_argument("set_limits: " + port.str() + " is no port of this node (" + node.id() +
                                "); a port's limits are set on its own node");
  }
  const auto number = node.names().resolve(port);
  if (!number) return;
  core::worker& w = node.workers().of(*number);
  if (node.here() == &w && !w.ports().is_coming(*number)) return w.ports().reception().limit(*number, limits);
  block* const task = make_task([&w, n = *number, limits] { w.ports().reception().limit(n, limits); });
  task->port = *number;
  task->marks = core::mark::early;
  w.post(task);
}

owned* when_drained(local_node& node, const port_id& port, handler_ref f, handler_ref on_failure,
                    std::optional<std::chrono::nanoseconds> limit) {
  check_is_port(port, "when_drained", ": ask for its node, when_drained(node_of(port), f)");
  return ask(node, port, core::port_question::room, std::move(f), std::move(on_failure), limit,
             "when_drained");
}

owned* when_up(local_node& node, const port_id& port, handler_ref f, handler_ref on_failure,
               std::optional<std::chrono::nanoseconds> limit) {
  check_is_port(port, "up", ", which is up as long as its node");
  return ask(node, port, core::port_question::presence, std::move(f), std::move(on_failure), limit, "up");
}

owned* when_overloaded(local_node& node, const port_id& port, handler_ref f) {
  check_is_port(port, "when_overloaded", ", which has no limits");
  return ask(node, port, core::port_question::overload, std::move(f), handler_of([] {}), {},
             "when_overloaded");
}

}  // namespace aemp::detail
