// Monitors from the moment they are set to the moment they fire or are cancelled, wherever the watched port
// lives.
#include <algorithm>

#include <aemp/log.hpp>

#include "core/extras.hpp"
#include "core/local_node.hpp"

namespace aemp::detail {

void local_node::remember_stillborn(port_id port, const message& reason) {
  constexpr std::size_t most = 256;
  std::lock_guard lock(stillborn_mutex_);
  if (stillborn_.size() == most) stillborn_.pop_front();
  stillborn_.emplace_back(std::move(port), reason);
}

message local_node::why_gone(const port_id& port) const {
  {
    std::lock_guard lock(stillborn_mutex_);
    const auto found =
        std::find_if(stillborn_.begin(), stillborn_.end(), [&](const auto& s) { return s.first == port; });
    if (found != stillborn_.end()) return found->second;
  }
  return message("no_such_port", "cannot monitor nonexistent port", port.str());
}

void local_node::watch(owned* o) {
  if (!is_local(o->watched)) {
    return on_worker(network_worker(), [this, o, keep = (retain(o), handle(o))] { watch_remote(o); });
  }
  const auto number = resolve(o->watched);
  if (!number) return core::worker::fire(*o, why_gone(o->watched));
  core::worker& w = worker_of(*number);
  on_worker(w, [this, &w, number = *number, o, keep = (retain(o), handle(o))] { watch_on(w, number, o); });
}

void local_node::watch_on(core::worker& w, std::uint64_t number, owned* o) {
  if (o->over.load(std::memory_order_acquire)) return;
  if (number == 0) return self_watches_.push(*o, o->watched_hook);  // the node port lives as long as the node
  core::port_entry* entry = w.ports().find(number);
  if (entry == nullptr) return core::worker::fire(*o, why_gone(o->watched));
  owned_list& list =
      entry->what == core::port_entry::state::reply ? entry->call->monitors : w.extras(*entry).monitors;
  list.push(*o, o->watched_hook);
}

void local_node::watch_remote(owned* o) {
  if (o->over.load(std::memory_order_acquire)) return;
  port_id port =
      o->watched.identity() == nullptr ? o->watched : make_named_port(o->watched.node(), o->watched.name());
  const std::string node = port.node();
  if (gateway_ == nullptr) {
    return core::worker::fire(
        *o, message("transport_error", node,
                    "node " + id() + " is private; give it seeds or binds to reach others"));
  }
  owned_list& list = remote_watches_[node][port];
  const bool first = list.empty();
  list.push(*o, o->watched_hook);
  if (first) gateway_->monitor(port);
}

// On the worker of the watched port, or anywhere when that is gone.
void local_node::unwatch(owned* o) {
  if (!o->watched_hook.linked()) return;
  o->watched_hook.unlink();
  release(o);
  if (is_local(o->watched)) return;
  auto node = remote_watches_.find(o->watched.node());
  if (node == remote_watches_.end()) return;
  auto port = node->second.find(o->watched);
  if (port == node->second.end() || !port->second.empty()) return;
  const port_id id = port->first;
  node->second.erase(port);
  if (node->second.empty()) remote_watches_.erase(node);
  if (gateway_ != nullptr) gateway_->unmonitor(id);
}

void local_node::clean_up(owned* o) {
  if (shut_down_) return;
  core::worker& owner = *workers_[o->worker];
  retain(o);
  on_worker(owner, [&owner, o, keep = handle(o)] {
    if (o->owner_hook.linked()) {
      o->owner_hook.unlink();
      release(o);
    }
    if (o->what == owned::kind::timer) owner.timer_queue().remove(*o);
    if (o->what == owned::kind::call) owner.end_call(static_cast<core::call_record*>(o)->reply, nullptr, {});
  });
  if (o->what == owned::kind::record || o->what == owned::kind::stream) {
    return on_worker(network_worker(), [o, keep = (retain(o), handle(o))] { o->taken_back(); });
  }
  if (o->what != owned::kind::monitor && o->what != owned::kind::node_monitor) return;
  core::worker* watched = &network_worker();
  if (o->what == owned::kind::monitor && is_local(o->watched)) {
    const auto number = resolve(o->watched);
    if (!number) return;
    watched = &worker_of(*number);
  }
  on_worker(*watched, [this, o, keep = (retain(o), handle(o))] { unwatch(o); });
}

handle local_node::watch_local(std::string_view port_name, std::function<void(const message& reason)> fired) {
  auto* o =
      new owned(owned::kind::monitor, *this, 0, 0,
                handler_ref(make_handler([f = std::move(fired)](const message& reason) { f(reason); })));
  o->watched = make_named_port(identity().node, port_name);
  handle h(o);
  watch(o);
  return h;
}

void local_node::remote_died(const port_id& port, const message& reason) {
  auto node = remote_watches_.find(port.node());
  if (node == remote_watches_.end()) return;
  auto found = node->second.find(port);
  if (found == node->second.end()) return;
  while (owned* o = found->second.pop()) {
    core::worker::fire(*o, reason);
    release(o);
  }
  node->second.erase(found);
  if (node->second.empty()) remote_watches_.erase(node);
}

void local_node::node_lost(const std::string& node, const message& reason) {
  auto found = remote_watches_.find(node);
  if (found == remote_watches_.end()) return;
  auto ports = std::move(found->second);
  remote_watches_.erase(found);
  for (auto& [port, list] : ports) {
    while (owned* o = list.pop()) {
      core::worker::fire(*o, reason);
      release(o);
    }
  }
}

std::vector<port_id> local_node::watched_ports(const std::string& node) const {
  std::vector<port_id> ports;
  if (auto found = remote_watches_.find(node); found != remote_watches_.end()) {
    for (const auto& [port, list] : found->second) ports.push_back(port);
  }
  return ports;
}

// ---- nodes that come and go ----

void local_node::watch_nodes(owned* o) {
  on_worker(network_worker(), [this, o, keep = (retain(o), handle(o))] {
    if (!o->over.load(std::memory_order_acquire)) node_watches_.push(*o, o->watched_hook);
  });
}

void local_node::tell_node_change(const std::string& node, bool up, const message& reason) {
  {
    std::unique_lock lock(nodes_mutex_);
    if (up ? !nodes_up_.insert(node).second : nodes_up_.erase(node) == 0) return;
  }
  std::vector<value> elements{node, up};
  for (value& v : reason.elements()) elements.push_back(std::move(v));
  const message news = message::of(std::move(elements));
  node_watches_.for_each([&](owned& o) {
    retain(&o);
    block* task = make_task([o = &o, keep = handle(&o), news] {
      if (o->over.load(std::memory_order_acquire)) return;
      handler& h = *o->handler.get();
      h.ops->call(h, *news.get(), 0, nullptr);
    });
    task->port = o.owner;
    workers_[o.worker]->post(task);
  });
}

bool local_node::node_is_up(const std::string& node) const {
  std::shared_lock lock(nodes_mutex_);
  return nodes_up_.contains(node);
}

std::vector<std::string> local_node::nodes_up() const {
  std::shared_lock lock(nodes_mutex_);
  return {nodes_up_.begin(), nodes_up_.end()};
}

}  // namespace aemp::detail
