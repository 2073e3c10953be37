#include "service/supervisor.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <aemp/receive.hpp>
#include <aemp/together.hpp>

#include "service/supervisors.hpp"

namespace aemp::service {
namespace {

// How long a child whose node is lost waits, unless the node comes back before.
constexpr std::chrono::nanoseconds for_lost_nodes = std::chrono::seconds(1);

bool is_loss(const message& reason) {
  return !reason.empty() && (reason[0] == value("transport_error") || reason[0] == value("node_stopped"));
}
// A function that cannot start its child is called so often at most, since others have something to do, too.
constexpr std::chrono::nanoseconds before_trying_again = std::chrono::milliseconds(1);

constexpr auto nothing = [] {};

bool is_normal(const message& reason) { return reason.empty() || reason[0] == value("shutdown"); }

failure give_up(const char* why, const std::string& name, const message& reason) {
  std::vector<value> all = reason.elements();
  all.insert(all.begin(), {value(why), value(name)});
  return failure(message::of(std::move(all)));
}

}  // namespace

supervisor::supervisor(detail::local_node& node, strategy how, const restart_limit& limit,
                       std::vector<detail::child_plan> children)
    : node_(node), api_(node), how_(how), limit_(limit) {
  if (how == strategy::simple_one_for_one) {
    pattern_ = std::move(children.at(0));
  } else {
    for (detail::child_plan& p : children) children_.add(std::move(p));
  }
}

supervisor::~supervisor() {
  node_.extension<supervisors>().remove(self_);
  for (auto c = children_.all().rbegin(); c != children_.all().rend(); ++c) {
    if (c->port) api_.kil(c->port, "shutdown");
  }
}

task<> supervisor::run() {
  self_ = api_.self();
  node_.extension<supervisors>().add(self_);
  api_.mon_nodes([this](const std::string& name, bool up) {
    if (up) api_.snd(self_, "node_up", name);
  });
  co_await start_all();
  while (!is_over_) {
    while (child* const c = children_.next_death()) co_await handle_death(*c);
    co_await take_one();
  }
  co_await stop_all();
  throw failure(message("shutdown"));
}

// Some of what comes takes time: then it is a task.
task<> supervisor::take_one() {
  std::optional<task<>> work;
  const auto shutdown = [this] { is_over_ = true; };
  const auto later = [this](std::uint64_t number, std::uint64_t wait) { again(number, wait); };
  const auto up = [this](const std::string& node) { node_up(node); };
  const auto child_of = [&](const std::string& name, const port_id& reply) {
    work.emplace(tell_port(name, reply));
  };
  const auto children = [this](const port_id& reply) { children_.answer(reply, message(children_.list())); };
  const auto add = [this](const child_spec& spec, const port_id& reply) { add_child(spec, reply); };
  const auto stop = [&](const std::string& name, const port_id& reply) {
    work.emplace(stop_child(children_.find(name), name, reply));
  };
  const auto stop_port = [&](const port_id& port, const port_id& reply) {
    work.emplace(stop_child(children_.find(port), port.str(), reply));
  };
  const auto restart = [&](const std::string& name, const port_id& reply) {
    work.emplace(restart_child(children_.find(name), name, reply));
  };
  const auto remove = [&](const std::string& name, const port_id& reply) {
    work.emplace(delete_child(children_.find(name), name, reply));
  };
  const auto other = [this](const message& m) { start_child(m); };
  co_await receive(on("woken", nothing), on("shutdown", shutdown), on("again", later), on("node_up", up),
                   on("child_of", child_of), on("children", children), on("add_child", add),
                   on("stop_child", stop), on("stop_port", stop_port), on("restart_child", restart),
                   on("delete_child", remove), on(otherwise, other));
  if (work) co_await std::move(*work);
}

// ---- deaths ----

task<> supervisor::handle_death(child& c) {
  children_.settle(c);
  c.is = child::state::stopped;
  if (std::exchange(c.has_not_begun, false)) co_await sleep_for(before_trying_again);
  const bool ended = c.plan.restart == detail::restart_kind::transient && is_normal(c.reason);
  if (c.plan.restart == detail::restart_kind::temporary || (ended && how_ == strategy::simple_one_for_one)) {
    children_.forget(c.number);
  } else if (ended) {
    children_.refuse_all(c, message("child_stopped", c.plan.name));
  } else {
    const bool lost = !c.plan.nodes.empty() && is_loss(c.reason);
    if (!lost && !may_restart()) {
      const failure why = give_up("restart_limit", c.plan.name, c.reason);
      co_await stop_all();
      throw failure(why);
    }
    co_await restart(c.number, lost);
  }
}

// Counts one more restart, if it is allowed.
bool supervisor::may_restart() {
  const core::time_point now = node_.home_worker().now();
  while (!restarts_.empty() && now - restarts_.front() > limit_.within) restarts_.pop_front();
  if (restarts_.size() >= limit_.restarts) return false;
  restarts_.push_back(now);
  return true;
}

std::chrono::nanoseconds supervisor::backoff() const {
  std::chrono::nanoseconds wait = limit_.first_wait;
  for (std::size_t i = 1; i < restarts_.size() && wait < limit_.longest_wait; ++i) wait *= 2;
  return std::min(wait, std::max(limit_.first_wait, limit_.longest_wait));
}

// Starts the child again, and those that the strategy says, in their order.
task<> supervisor::restart(std::uint64_t number, bool lost) {
  std::vector<std::uint64_t> concerned;
  for (const child& c : children_.all()) {
    const bool behind = !concerned.empty() && how_ == strategy::rest_for_one;
    if (c.number == number || behind || how_ == strategy::one_for_all) concerned.push_back(c.number);
  }
  for (auto n = concerned.rbegin(); n != concerned.rend(); ++n) {
    child& c = *children_.find(*n);
    co_await stop(c);
    if (*n != number && c.plan.restart == detail::restart_kind::temporary) children_.forget(*n);
  }
  child& first = *children_.find(number);
  std::chrono::nanoseconds delay = backoff();
  if (lost) {
    ++first.node;
    const std::size_t choices = first.plan.nodes.size() + (first.plan.node_group.empty() ? 0 : 1);
    delay = first.node % choices == 0 ? std::max(delay, for_lost_nodes) : std::chrono::nanoseconds(0);
  }
  for (const std::uint64_t n : concerned) {
    child* const c = children_.find(n);
    if (c == nullptr) continue;
    if (!lost) ++c->restarts;
    wait_and_start(*c, delay);
  }
}

void supervisor::wait_and_start(child& c, std::chrono::nanoseconds delay) {
  c.is = child::state::waiting;
  ++c.wait;
  if (delay.count() == 0) return children_.try_start(c);
  api_.after(delay, self_, "again", c.number, c.wait);
}

void supervisor::again(std::uint64_t number, std::uint64_t wait) {
  child* const c = children_.find(number);
  if (c != nullptr && c->is == child::state::waiting && c->wait == wait) children_.try_start(*c);
}

void supervisor::node_up(const std::string& node) {
  for (child& c : children_.all()) {
    const auto known = std::ranges::find(c.plan.nodes, node);
    if (c.is != child::state::waiting || !is_loss(c.reason) || known == c.plan.nodes.end()) continue;
    c.node = static_cast<std::size_t>(known - c.plan.nodes.begin());
    children_.try_start(c);
  }
}

// ---- start and stop ----

task<> supervisor::start_all() {
  for (child& c : children_.all()) {
    std::optional<failure> failed;
    try {
      children_.start(c);
    } catch (...) {
      failed.emplace(give_up("start_failed", c.plan.name, reason_of(std::current_exception())));
    }
    if (!failed) continue;
    co_await stop_all();
    throw failure(*failed);
  }
}

// Returns when it is dead.
task<> supervisor::stop(child& c) {
  c.is = child::state::stopped;
  ++c.wait;
  if (c.port && c.plan.shutdown) {
    api_.snd(c.port, "shutdown");
    const core::time_point end = core::later(node_.home_worker().now(), *c.plan.shutdown);
    for (bool late = false; c.port && !late;) {
      const auto left = std::max(core::duration(0), end - node_.home_worker().now());
      const auto first = co_await any(receive("woken"), sleep_for(left));
      late = first.index() == 1;
    }
  }
  if (c.port) api_.kil(c.port, "shutdown");
  while (c.port) co_await receive("woken");
  children_.settle(c);
}

task<> supervisor::stop_all() {
  for (auto c = children_.all().rbegin(); c != children_.all().rend(); ++c) co_await stop(*c);
}

// ---- what others ask ----

// Who asks for a child may have heard of its death before the supervisor has. What the child's worker says now comes
// behind the news of its deaths.
task<> supervisor::hear_of_deaths_at(port_id port) {
  const auto number = node_.names().is_local(port) ? node_.names().resolve(port) : std::nullopt;
  if (!number) co_return;
  const std::uint64_t wanted = ++echoes_;
  node_.workers().on(node_.workers().of(*number),
                     [&node = node_, to = self_, wanted] { node.send(to, message("echo", wanted).leak()); });
  bool heard = false;
  const auto echo = [&](std::uint64_t which) { heard = which == wanted; };
  while (!heard) co_await receive(on("echo", echo));
}

task<> supervisor::tell_port(std::string name, port_id reply) {
  child* const c = children_.find(name);
  if (c != nullptr && c->port) co_await hear_of_deaths_at(c->port);
  if (c == nullptr) {
    children_.refuse(reply, no_such_child(name));
  } else if (c->port) {
    children_.answer(reply, message(c->port));
  } else if (c->dead || c->is == child::state::waiting) {
    c->asking.push_back(reply);
  } else {
    children_.refuse(reply, message("child_stopped", name));
  }
}

void supervisor::add_child(const child_spec& spec, const port_id& reply) {
  if (how_ == strategy::simple_one_for_one)
    return children_.refuse(
        reply, message("bad_request", "a simple_one_for_one supervisor starts children by arguments"));
  if (children_.find(spec.plan().name) != nullptr)
    return children_.refuse(reply, message("child_exists", spec.plan().name));
  start_and_answer(children_.add(spec.plan()), reply);
}

// ["start_child", arguments…, reply], or something that it does not know.
void supervisor::start_child(const message& request) {
  const auto reply = request.size() > 1 ? request[request.size() - 1].to<port_id>() : std::nullopt;
  if (request.tag() != "start_child" || !reply) {
    const std::string text = request.to_string().substr(0, 64);
    if (reply) children_.refuse(*reply, message("bad_request", "a supervisor does not understand: " + text));
    return node_.report(5, "messages that supervisors do not know",
                        [&] { return "supervisor " + self_.str() + " dropped a message: " + text; });
  }
  if (how_ != strategy::simple_one_for_one)
    return children_.refuse(
        *reply, message("bad_request", "only a simple_one_for_one supervisor starts children by arguments"));
  const std::vector<value> all = request.elements();
  detail::child_plan plan = pattern_;
  plan.name += " " + std::to_string(++started_);
  start_and_answer(children_.add(std::move(plan), message::of({all.begin() + 1, all.end() - 1})), *reply);
}

void supervisor::start_and_answer(child& c, const port_id& reply) {
  try {
    children_.start(c);
    children_.answer(reply, message(c.port));
  } catch (...) {
    children_.refuse(reply, reason_of(std::current_exception()));
    children_.forget(c.number);
  }
}

task<> supervisor::stop_child(child* c, std::string name, port_id reply) {
  if (c == nullptr) {
    children_.refuse(reply, no_such_child(name));
    co_return;
  }
  co_await stop(*c);
  children_.refuse_all(*c, message("child_stopped", c->plan.name));
  if (how_ == strategy::simple_one_for_one) children_.forget(c->number);
  children_.answer(reply, message());
}

task<> supervisor::restart_child(child* c, std::string name, port_id reply) {
  if (c == nullptr) {
    children_.refuse(reply, no_such_child(name));
    co_return;
  }
  co_await stop(*c);
  try {
    children_.start(*c);
    children_.answer(reply, message(c->port));
  } catch (...) {
    const message why = reason_of(std::current_exception());
    children_.refuse(reply, why);
    children_.refuse_all(*c, why);
  }
}

task<> supervisor::delete_child(child* c, std::string name, port_id reply) {
  if (c == nullptr) {
    children_.refuse(reply, no_such_child(name));
    co_return;
  }
  co_await stop(*c);
  children_.forget(c->number);
  children_.answer(reply, message());
}

}  // namespace aemp::service

namespace aemp::detail {

void throw_bad_start(const mismatch& why) {
  throw failure(message("bad_arguments", "argument " + std::to_string(why.element + 1) + " is " + why.found +
                                             ", " + std::string(why.asked) + " expected"));
}

port_id supervise(local_node& node, strategy how, const restart_limit& limit,
                  std::vector<child_plan> children) {
  if (how == strategy::simple_one_for_one && children.size() != 1)
    throw std::invalid_argument(
        "supervise: simple_one_for_one makes all children from one child() with parameters");
  for (auto c = children.begin(); c != children.end(); ++c) {
    const auto has_its_name = [&](const child_plan& other) { return other.name == c->name; };
    if (std::any_of(c + 1, children.end(), has_its_name))
      throw std::invalid_argument("supervise: there are two children called '" + c->name + "'");
    if (c->parameters != 0 && how != strategy::simple_one_for_one) {
      throw std::invalid_argument(
          "supervise: the function of child '" + c->name +
          "' takes arguments, which only simple_one_for_one has for it, by start_child");
    }
    if (c->start && (!c->nodes.empty() || !c->node_group.empty())) {
      throw std::invalid_argument("supervise: child '" + c->name +
                                  "' is on this node, so it cannot go on with another one");
    }
    if (!c->start && !c->group.empty()) {
      throw std::invalid_argument("supervise: child '" + c->name +
                                  "' is on another node, so it has to join the group itself");
    }
  }
  auto made = std::make_shared<service::supervisor>(node, how, limit, std::move(children));
  const auto program = [](std::shared_ptr<service::supervisor> s) -> task<> { co_await s->run(); };
  // The function that begins the coroutine is freed at once; then the supervisor ends with the coroutine's frame.
  return spawn_here(
      node, {}, handler_of([made = std::move(made), program]() mutable { return program(std::move(made)); }),
      {});
}

}  // namespace aemp::detail
