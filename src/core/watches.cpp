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
    return at_network([this, o, keep = (retain(o), handle(o))](core::epoch) { watch_remote(o); });
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
  if (entry == nullptr) {
    if (!w.ports().is_coming(number)) return core::worker::fire(*o, why_gone(o->watched));
    retain(o);
    return w.enqueue(make_task([this, &w, number, o, keep = handle(o)] { watch_on(w, number, o); }));
  }
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
  const message* const lost = losses_.since(o->heard, node, port.name());
  owned_list& list = remote_watches_[node][port];
  const bool first = list.empty();
  list.push(*o, o->watched_hook);
  // What was sent right behind this is dropped, since its sender has not heard of a loss. When he has, this
  // monitor has to have fired as well: so there is another loss, on the way to this port.
  if (lost != nullptr) return port_lost(port, message(*lost));
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
    if (o->what == owned::kind::timer || o->what == owned::kind::own_timer) owner.queue_of(*o).remove(*o);
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
      new owned(owned::kind::monitor, *this, network_worker().index(), 0,
                handler_ref(make_handler([f = std::move(fired)](const message& reason) { f(reason); })));
  o->watched = make_named_port(identity().node, port_name);
  handle h(o);
  const auto number = resolve_name(port_name);
  if (!number) {
    core::worker::fire(*o, why_gone(o->watched));
    return h;
  }
  core::worker& w = worker_of(*number);
  w.post(make_task([this, &w, number = *number, o, keep = h] { watch_on(w, number, o); }));
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

// ---- losses ----

namespace {

void add(std::vector<std::unique_ptr<core::loss_news>>& news, owned& o, const message& content) {
  retain(&o);
  news[o.worker]->items.push_back({handle(&o), &o, content});
}

void move_to(std::vector<std::unique_ptr<core::loss_news>>& news, owned_list& list, const message& reason) {
  while (owned* o = list.pop()) {
    add(news, *o, reason);
    release(o);
  }
}

}  // namespace

std::vector<std::unique_ptr<core::loss_news>> local_node::begin_loss(const std::string& node,
                                                                     std::string_view port,
                                                                     const message& reason) {
  const core::epoch when = losses_.begin(node, port, reason);
  std::vector<std::unique_ptr<core::loss_news>> news;
  for (std::size_t i = 0; i < workers_.size(); ++i)
    news.push_back(std::make_unique<core::loss_news>(core::loss_news{when}));
  return news;
}

// Behind what has been sent there so far.
void local_node::tell_loss(std::vector<std::unique_ptr<core::loss_news>> news) {
  for (std::size_t i = 0; i < news.size(); ++i) {
    core::worker& w = *workers_[i];
    w.post(make_task([&w, part = std::move(news[i])]() mutable { w.hear(std::move(part)); }));
  }
}

void local_node::node_lost(const std::string& node, const message& reason) {
  auto news = begin_loss(node, {}, reason);
  if (auto found = remote_watches_.find(node); found != remote_watches_.end()) {
    auto ports = std::move(found->second);
    remote_watches_.erase(found);
    for (auto& [port, list] : ports) move_to(news, list, reason);
  }
  if (mark_up(node, false)) {
    const message down = node_news(node, false, reason);
    node_watches_.for_each([&](owned& o) { add(news, o, down); });
  }
  tell_loss(std::move(news));
}

void local_node::port_lost(const port_id& port, const message& reason) {
  auto news = begin_loss(port.node(), port.name(), reason);
  if (auto node = remote_watches_.find(port.node()); node != remote_watches_.end()) {
    if (auto found = node->second.find(port); found != node->second.end()) {
      move_to(news, found->second, reason);
      node->second.erase(found);
      if (node->second.empty()) remote_watches_.erase(node);
      if (gateway_ != nullptr) gateway_->unmonitor(port);
    }
  }
  tell_loss(std::move(news));
}

// What was sent by those who had not heard of it is here before this is.
void local_node::loss_was_heard(core::epoch when) {
  on_worker(network_worker(), [this, when] {
    losses_.heard_by_one(when);
    const core::epoch all = losses_.heard_by_all();
    if (losses_.remembered() == 0 || !losses_.is_quiet()) return;
    network_worker().post(make_task([this, all] { losses_.forget(all); }));
  });
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

message local_node::node_news(const std::string& node, bool up, const message& reason) {
  std::vector<value> elements{node, up};
  for (value& v : reason.elements()) elements.push_back(std::move(v));
  return message::of(std::move(elements));
}

bool local_node::mark_up(const std::string& node, bool up) {
  const std::unique_lock lock(nodes_mutex_);
  return up ? nodes_up_.insert(node).second : nodes_up_.erase(node) != 0;
}

void local_node::node_came(const std::string& node) {
  if (!mark_up(node, true)) return;
  const message news = node_news(node, true, {});
  node_watches_.for_each([&](owned& o) { core::worker::fire(o, news); });
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
