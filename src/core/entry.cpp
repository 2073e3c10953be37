// The compiled side of include/aemp/port.hpp. Each function finds the worker whose data it needs, and acts on that
// worker: directly if this is its thread, else by posting a task.
#include <stdexcept>

#include <aemp/log.hpp>
#include <aemp/port.hpp>

#include "core/begin_owned.hpp"
#include "core/local_node.hpp"
#include "core/node_use.hpp"

namespace aemp::detail {

void throw_outside_port(const char* function) {
  throw std::logic_error(std::string(function) + " was called outside a port: there is no self() here");
}

namespace {

[[gnu::noinline]] void send_slowly(const port_id& to, block* b, core::worker* w) {
  if (w != nullptr) return send_from(w->node(), to, b);
  // Outside callbacks, a message to a port of this process goes straight to the port's own node. Other messages are
  // sent by the process's first node.
  if (const node_identity* i = to.identity()) {
    const core::node_use owner(*i);
    return owner ? owner.node().send(to, b) : release(*b);
  }
  message keep = message::adopt(b);
  const node_at_hand first("snd");
  send_from(first, to, keep.leak());
}

}  // namespace

void send(const port_id& to, block* b) {
  core::worker* w = core::worker::current();
  const std::uint64_t number = to.number();
  if (w != nullptr && to.identity() == w->direct_identity() &&
      core::port_number::worker(number) == w->index()) [[likely]] {
    b->port = number;
    return w->enqueue(b);
  }
  send_slowly(to, b, w);
}

void send_from(local_node& node, const port_id& to, block* b) {
  if (!to) {
    release(*b);
    throw std::invalid_argument("snd: the port ID is empty");
  }
  node.send(to, b);
}

block* enqueue_form(message m) {
  if (m.get() == nullptr) return make_values_block({});
  if (m.get()->refs.load(std::memory_order_acquire) == 1) return m.leak();
  return make_shared_block(m.leak());
}

namespace {

std::vector<handler_change> list_of(std::span<handler_change> handlers) {
  return {std::make_move_iterator(handlers.begin()), std::make_move_iterator(handlers.end())};
}

core::worker& worker_at(local_node& node, const worker_choice& where) {
  switch (where.what) {
    [[likely]] case worker_choice::kind::here : return node.home_worker();
    case worker_choice::kind::any:
      return node.worker(node.workers().next());
    default:
      if (where.index < node.workers().ports()) return node.worker(where.index);
      throw std::invalid_argument("on_worker(" + std::to_string(where.index) + "): node " + node.id() +
                                  " has " + std::to_string(node.workers().ports()) +
                                  " workers for ports, counted from 0");
  }
}

}  // namespace

message joined(std::vector<value> head, const message& m, std::vector<value> tail) {
  for (std::size_t i = 0; i < m.size(); ++i) {
    head.push_back(m[i]);
    if (head.back().type() == value::kind::object) {
      throw std::invalid_argument("element " + std::to_string(i) + " of the message is " +
                                  head.back().to_string() +
                                  ", a C++ object, which cannot be taken over into another message");
    }
  }
  for (value& v : tail) head.push_back(std::move(v));
  return message::of(std::move(head));
}

port_id open_port(local_node& node, const worker_choice& where, std::span<handler_change> handlers) {
  core::worker& w = worker_at(node, where);
  if (node.is_shut_down()) return make_local_port(node.identity(), w.ports().take());
  if (node.here() == &w) {
    const std::uint64_t number = w.ports().take();
    core::port_entry& entry = w.ports().open(number);
    if (!handlers.empty()) entry.handlers = core::handler_table::with(nullptr, handlers);
    return make_local_port(node.identity(), number);
  }
  const std::uint64_t number = w.ports().reserve();
  w.post_now(make_task([&w, number, list = list_of(handlers)]() mutable {
    w.ports().open(number);
    if (!list.empty()) w.ports().register_handlers(number, list);
  }));
  return make_local_port(node.identity(), number);
}

void register_handlers(local_node& node, const port_id& port, std::span<handler_change> handlers) {
  if (!port || !node.names().is_local(port)) {
    throw std::invalid_argument("rcv: '" + port.str() + "' is no port of this node (" + node.id() +
                                "); only its own ports can receive");
  }
  if (port.is_node_port()) throw std::invalid_argument("rcv: the node port has its own handlers");
  if (node.is_shut_down()) return;
  // A number means one port for ever. A name means the port that has it now, or else a new one.
  auto number = port.identity() != nullptr ? node.names().resolve(port) : node.names().number_in(port.name());
  bool is_new = false;
  if (!number) std::tie(number, is_new) = node.names().name_port(port.name(), node.home_worker().index());
  core::worker& w = node.workers().of(*number);
  if (node.here() == &w) {
    if (is_new) w.ports().open(*number, port.name());
    if (!w.ports().is_coming(*number)) return w.ports().register_handlers(*number, handlers);
  }
  w.post_now(make_task(
      [&w, n = *number, list = list_of(handlers), name = is_new ? port.name() : std::string()]() mutable {
        if (!name.empty()) w.ports().open(n, name);
        w.ports().register_handlers(n, list);
      }));
}

void kill(local_node& node, const port_id& port, message reason) { node.kill(port, std::move(reason)); }

void cancel(owned* o) noexcept {
  if (!o->finish()) return;
  const core::node_use use(o->home);
  if (use) use.node().clean_up(o);
}

owned* watch(local_node& node, const port_id& port, handler_ref on_death) {
  if (!port) throw std::invalid_argument("mon: the port ID is empty");
  auto* o = new owned(owned::kind::monitor, node, node.home_worker().index(), running_number(node),
                      std::move(on_death));
  o->watched = port;
  return node.workers().tagged([&](core::epoch heard) {
    o->heard = heard;
    return begin_owned(o, [o](core::worker& w) { w.node().monitors().watch(o); });
  });
}

owned* watch_nodes(local_node& node, handler_ref f) {
  auto* o = new owned(owned::kind::node_monitor, node, node.home_worker().index(), running_number(node),
                      std::move(f));
  return begin_owned(o, [o](core::worker& w) { w.node().presence().watch(o); });
}

std::size_t unsent(local_node& node, const std::string& where) {
  return node.gateway() == nullptr ? 0 : node.gateway()->unsent(where);
}

owned* when_drained(local_node& node, const std::string& where, handler_ref f) {
  if (where.find('#') != where.npos) {
    throw std::invalid_argument("when_drained: '" + where +
                                "' is a port; pass its port_id, or node_of(port) for its node");
  }
  auto* o =
      new owned(owned::kind::monitor, node, node.home_worker().index(), running_number(node), std::move(f));
  o->watched = make_named_port(where, {});
  return begin_at_network(o, [](local_node& here, owned& waiting) {
    if (here.gateway() == nullptr || here.names().is_local(waiting.watched)) return waiting.fire({});
    here.gateway()->when_drained(waiting);
  });
}

owned* start_timer(local_node& node, std::chrono::nanoseconds delay, bool repeat, handler_ref f) {
  if (repeat && delay <= core::duration::zero()) {
    throw std::invalid_argument("every: the interval is not above zero");
  }
  auto* o =
      new owned(owned::kind::timer, node, node.home_worker().index(), running_number(node), std::move(f));
  if (repeat) o->interval = delay;
  return begin_owned(o, [o, delay](core::worker& w) {
    o->due = core::later(w.now(), delay);
    w.timers().add(*o);
  });
}

port_id spawn_here(local_node& node, const worker_choice& where, handler_ref birth, message arguments) {
  core::worker& w = worker_at(node, where);
  const bool here = node.here() == &w;
  const std::uint64_t number = here ? w.ports().take() : w.ports().reserve();
  if (here) w.ports().open(number);
  block* task = make_task([&w, number, here, f = std::move(birth), arguments = std::move(arguments)] {
    if (!here) w.ports().open(number);
    w.ports().birth(number, *f.get(), arguments);
  });
  if (here) {
    w.enqueue(task);
  } else {
    w.post_now(task);  // so that it precedes messages from whoever learns of the port
  }
  return make_local_port(node.identity(), number);
}

std::string new_spawn_name(local_node& node) { return node.names().new_unique_name(); }

// A spawn on this node goes through the same request as a remote one, so its function runs later, too.
port_id spawn_there(local_node& node, const std::string& where, const std::string& name, message request) {
  const std::string target = where.substr(0, where.find('#'));
  if (target.empty() || target == node.id()) {
    const std::vector<value> all = request.elements();
    node.functions().spawn(name, all[2].text(), message::of({all.begin() + 3, all.end()}), nullptr);
    return make_named_port(node.id(), name);
  }
  send_from(node, make_named_port(target, {}), request.leak());
  return make_named_port(target, name);
}

void define_function(local_node& node, std::string name, handler_ref f,
                     std::optional<std::vector<std::string>> callers) {
  node.functions().define(std::move(name), std::move(f), std::move(callers));
}

void run_in_port(local_node& node, const port_id& port, block* task, bool at_once) {
  const auto number = port && node.names().is_local(port) ? node.names().resolve(port) : std::nullopt;
  if (!number || *number == 0) {
    release(*task);
    if (number || !port || !node.names().is_local(port)) {
      throw std::invalid_argument("peval: '" + port.str() + "' is no port of this node (" + node.id() + ")");
    }
    return;  // it is dead
  }
  task->port = *number;
  core::worker& w = node.workers().of(*number);
  if (at_once && node.here() == &w && !w.ports().is_coming(*number)) return w.ports().run_task(*task);
  w.post(task);
}

void run_later_in_port(const node_identity& home, const port_id& port, block* task) {
  const core::node_use use(home);
  return use ? run_in_port(use.node(), port, task, false) : release(*task);
}

const node_identity& home_of(const local_node& node) { return node.identity(); }

port_id running_port(const local_node& node) {
  core::worker* w = node.here();
  if (w == nullptr || w->running_port() == 0) return {};
  return w->ports().id_of(w->running_port());
}

std::string node_name(const local_node& node) { return node.id(); }
std::vector<std::string> nodes_up(local_node& node) { return node.presence().up(); }

std::vector<std::string> nodes_known(local_node& node) {
  return node.gateway() == nullptr ? std::vector<std::string>() : node.gateway()->known_nodes();
}

}  // namespace aemp::detail
