#include "core/monitors.hpp"

#include <algorithm>

#include "core/call_record.hpp"
#include "core/extras.hpp"

namespace aemp::core {

using detail::make_task;
using detail::owned;
using detail::release;
using detail::retain;

void monitors::was_stillborn(port_id port, const message& reason) {
  constexpr std::size_t most = 256;
  const auto stillborn = stillborn_.lock();
  if (stillborn->size() == most) stillborn->pop_front();
  stillborn->emplace_back(std::move(port), reason);
}

message monitors::why_gone(const port_id& port) const {
  {
    const auto stillborn = stillborn_.lock();
    const auto found = std::ranges::find(*stillborn, port, &std::pair<port_id, message>::first);
    if (found != stillborn->end()) return found->second;
  }
  return message("no_such_port", "cannot monitor nonexistent port", port.str());
}

// ---- set and cancelled ----

void monitors::watch(owned* o) {
  if (!names_.is_local(o->watched)) {
    return workers_.at_network([this, o, keep = (retain(o), handle(o))](epoch) { watch_remote(o); });
  }
  const auto number = names_.resolve(o->watched);
  if (!number) return o->fire(why_gone(o->watched));
  worker& w = workers_.of(*number);
  workers_.on(w, [this, &w, number = *number, o, keep = (retain(o), handle(o))] { watch_on(w, number, o); });
}

void monitors::watch_on(worker& w, std::uint64_t number, owned* o) {
  if (o->over.load(std::memory_order_acquire)) return;
  if (number == 0) return of_node_port_.push(*o, o->watched_hook);  // the node port lives as long as the node
  port_entry* entry = w.ports().find(number);
  if (entry == nullptr) {
    if (!w.ports().is_coming(number)) return o->fire(why_gone(o->watched));
    retain(o);
    return w.enqueue(make_task([this, &w, number, o, keep = handle(o)] { watch_on(w, number, o); }));
  }
  owned_list& list =
      entry->what == port_entry::state::reply ? entry->call->monitors : w.ports().extras(*entry).monitors;
  list.push(*o, o->watched_hook);
}

void monitors::watch_remote(owned* o) {
  if (o->over.load(std::memory_order_acquire)) return;
  port_id port = o->watched.identity() == nullptr
                     ? o->watched
                     : detail::make_named_port(o->watched.node(), o->watched.name());
  const std::string node = port.node();
  if (gateway_ == nullptr) {
    return o->fire(message("transport_error", node,
                           "node " + names_.id() + " is private; give it seeds or binds to reach others"));
  }
  const message* const lost = workers_.losses().since(o->heard, node, port.name());
  owned_list& list = remote_[node][port];
  const bool first = list.empty();
  list.push(*o, o->watched_hook);
  // The sender has not heard of a loss on the way to this port, so what it sends right after this is dropped. This
  // monitor must fire before messages get through again. So another loss begins, for this port, and fires it.
  if (lost != nullptr) return port_lost(port, message(*lost));
  if (first) gateway_->monitor(port);
}

void monitors::unwatch(owned* o) {
  worker* watched = &workers_.network();
  if (o->what == owned::kind::monitor && names_.is_local(o->watched)) {
    const auto number = names_.resolve(o->watched);
    if (!number) return;
    watched = &workers_.of(*number);
  }
  workers_.on(*watched, [this, o, keep = (retain(o), handle(o))] { unlink(o); });
}

// On the worker of the watched port. On the network worker for a port of another node, and for mon_nodes.
void monitors::unlink(owned* o) {
  if (!o->watched_hook.linked()) return;
  o->watched_hook.unlink();
  release(o);
  if (names_.is_local(o->watched)) return;
  auto node = remote_.find(o->watched.node());
  if (node == remote_.end()) return;
  auto port = node->second.find(o->watched);
  if (port == node->second.end() || !port->second.empty()) return;
  const port_id id = port->first;
  node->second.erase(port);
  if (node->second.empty()) remote_.erase(node);
  if (gateway_ != nullptr) gateway_->unmonitor(id);
}

handle monitors::watch_local(std::string_view port_name, std::function<void(const message& reason)> fired) {
  auto* o = new owned(owned::kind::monitor, workers_.node(), workers_.network().index(), 0,
                      detail::handler_ref(detail::make_handler(
                          [f = std::move(fired)](const message& reason) { f(reason); })));
  o->watched = detail::make_named_port(names_.identity().node, port_name);
  handle h(o);
  const auto number = names_.resolve_name(port_name);
  if (!number) {
    o->fire(why_gone(o->watched));
    return h;
  }
  worker& w = workers_.of(*number);
  w.post(make_task([this, &w, number = *number, o, keep = h] { watch_on(w, number, o); }));
  return h;
}

// ---- what the network has heard ----

template <class F>
bool monitors::take_out(const port_id& port, F&& f) {
  const auto node = remote_.find(port.node());
  if (node == remote_.end()) return false;
  const auto found = node->second.find(port);
  if (found == node->second.end()) return false;
  f(found->second);
  node->second.erase(found);
  if (node->second.empty()) remote_.erase(node);
  return true;
}

void monitors::remote_died(const port_id& port, const message& reason) {
  take_out(port, [&](owned_list& list) { list.fire_all(reason); });
}

void monitors::node_lost(const std::string& node, const message& reason) {
  bulletin news = begin_loss(node, {}, reason);
  if (auto found = remote_.find(node); found != remote_.end()) {
    auto ports = std::move(found->second);
    remote_.erase(found);
    for (auto& [port, list] : ports) news.move_all(list, reason);
  }
  presence_.went(node, reason, news);
  tell(std::move(news));
}

void monitors::port_lost(const port_id& port, const message& reason) {
  bulletin news = begin_loss(port.node(), port.name(), reason);
  const bool watched = take_out(port, [&](owned_list& list) { news.move_all(list, reason); });
  if (watched && gateway_ != nullptr) gateway_->unmonitor(port);
  tell(std::move(news));
}

bulletin monitors::begin_loss(const std::string& node, std::string_view port, const message& reason) {
  return {workers_.losses().begin(node, port, reason), workers_.size()};
}

// Each worker gets its part behind what has been sent to it so far.
void monitors::tell(bulletin news) {
  std::uint32_t index = 0;
  for (std::unique_ptr<loss_news>& part : news.take()) {
    worker& w = workers_.at(index++);
    w.post(make_task([&w, part = std::move(part)]() mutable { w.hear(std::move(part)); }));
  }
}

// What a worker sent before it heard of the loss reaches the network worker before this does.
void monitors::loss_was_heard(epoch when) {
  workers_.on(workers_.network(), [this, when] {
    core::losses& losses = workers_.losses();
    losses.heard_by_one(when);
    const epoch all = losses.heard_by_all();
    if (losses.remembered() == 0 || !losses.is_quiet()) return;
    workers_.network().post(make_task([&losses, all] { losses.forget(all); }));
  });
}

std::size_t monitors::watched_port_count(const std::string& node) const {
  const auto found = remote_.find(node);
  return found == remote_.end() ? 0 : found->second.size();
}

std::vector<port_id> monitors::watched_ports(const std::string& node) const {
  std::vector<port_id> ports;
  if (auto found = remote_.find(node); found != remote_.end()) {
    for (const auto& [port, list] : found->second) ports.push_back(port);
  }
  return ports;
}

void monitors::shut_down() noexcept {
  for (auto& [node, ports] : std::exchange(remote_, {})) {
    for (auto& [port, list] : ports) list.finish_all();
  }
  of_node_port_.finish_all();
}

}  // namespace aemp::core
