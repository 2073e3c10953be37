#include "service/child_table.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/call_failure.hpp"
#include "service/supervisors.hpp"

namespace aemp::service {
namespace {

std::string_view to_text(detail::restart_kind k) {
  constexpr std::string_view names[] = {"permanent", "transient", "temporary"};
  return names[static_cast<std::size_t>(k)];
}

}  // namespace

message reason_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const failure& f) {
    return f.content();
  } catch (const std::exception& e) {
    return message("die", std::string(e.what()));
  } catch (...) {
    return message("die", "an exception that is no std::exception");
  }
}

message no_such_child(const std::string& name) { return message("no_such_child", name); }

// ---- start and death ----

void child_table::start(child& c) {
  const port_id made = c.plan.nodes.empty() ? c.plan.start(c.arguments) : spawn_there(c);
  const std::string function = "the function of child '" + c.plan.name + "' returned ";
  if (!made) throw std::logic_error(function + "no port");
  if (made.is_node_port()) throw std::logic_error(function + "a node port, which lives as long as its node");
  if (made == supervisor_) {
    throw std::logic_error(function +
                           "the port of the supervisor, in which it runs: make one, with port() or spawn");
  }
  try {
    if (!c.plan.group.empty()) c.in_group = api_.grp_reg(c.plan.group, made);
  } catch (...) {
    api_.kil(made, "shutdown");
    throw;
  }
  c.port = made;
  c.is = child::state::running;
  c.dead = false;
  // The supervisor may wait for something: then a message has it look again.
  api_.mon(made, [this, number = c.number](const message& reason) {
    note_death(number, reason);
    api_.snd(supervisor_, "woken");
  });
  for (const port_id& who : std::exchange(c.asking, {})) answer(who, message(made));
}

void child_table::try_start(child& c) {
  try {
    start(c);
  } catch (...) {
    c.reason = reason_of(std::current_exception());
    c.dead = c.has_not_begun = true;
    deaths_.push_back(c.number);
  }
}

port_id child_table::spawn_there(const child& c) {
  std::vector<std::string> nodes = c.plan.nodes;
  if (!c.plan.node_group.empty()) {
    for (const port_id& p : api_.grp_get(c.plan.node_group)) nodes.push_back(p.node());
  }
  const std::vector<value> arguments =
      c.arguments.empty() ? c.plan.arguments.elements() : c.arguments.elements();
  std::vector<value> all = arguments;
  all.emplace_back(supervisor_);
  return api_.spawn(nodes[c.node % nodes.size()], c.plan.function, message::of(std::move(all)));
}

void child_table::note_death(std::uint64_t number, const message& reason) {
  child* const c = find(number);
  if (c == nullptr || !c->port) return;
  c->port = {};
  c->in_group.cancel();
  c->reason = reason;
  c->dead = true;
  deaths_.push_back(number);
}

child* child_table::next_death() {
  while (!deaths_.empty()) {
    child* const c = find(deaths_.front());
    deaths_.pop_front();
    if (c != nullptr && c->dead) return c;
  }
  return nullptr;
}

void child_table::settle(child& c) {
  c.dead = false;
  std::erase(deaths_, c.number);
}

// ---- the table ----

child& child_table::add(detail::child_plan plan, message arguments) {
  const std::uint64_t number = ++made_;
  return all_.emplace_back(
      child{.number = number, .plan = std::move(plan), .arguments = std::move(arguments)});
}

void child_table::forget(std::uint64_t number) {
  const auto c = std::ranges::find(all_, number, &child::number);
  if (c == all_.end()) return;
  refuse_all(*c, no_such_child(c->plan.name));
  all_.erase(c);
}

child* child_table::find(std::uint64_t number) {
  const auto c = std::ranges::find(all_, number, &child::number);
  return c == all_.end() ? nullptr : &*c;
}

child* child_table::find(std::string_view name) {
  const auto c = std::ranges::find_if(all_, [&](const child& one) { return one.plan.name == name; });
  return c == all_.end() ? nullptr : &*c;
}

child* child_table::find(const port_id& port) {
  if (!port) return nullptr;
  const auto c = std::ranges::find(all_, port, &child::port);
  return c == all_.end() ? nullptr : &*c;
}

std::vector<child_info> child_table::list() const {
  constexpr std::string_view states[] = {"running", "waiting", "stopped"};
  const std::vector<port_id> supervising = node_.extension<supervisors>().all();
  std::vector<child_info> out;
  for (const child& c : all_) {
    out.push_back({.name = c.plan.name,
                   .port = c.port ? std::optional(c.port) : std::nullopt,
                   .state = std::string(states[static_cast<std::size_t>(c.is)]),
                   .restart = std::string(to_text(c.plan.restart)),
                   .restarts = c.restarts,
                   .reason = c.reason.to_string(),
                   .is_supervisor = std::ranges::find(supervising, c.port) != supervising.end()});
  }
  return out;
}

void child_table::answer(const port_id& to, message m) const {
  node_.send(to, detail::enqueue_form(std::move(m)));
}
void child_table::refuse(const port_id& to, const message& reason) const {
  node_.send(to, core::call_failure(reason).leak());
}

void child_table::refuse_all(child& c, const message& reason) const {
  for (const port_id& who : std::exchange(c.asking, {})) refuse(who, reason);
}

}  // namespace aemp::service
