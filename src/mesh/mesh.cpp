// The life of peers: wished for, up, lost. Connections are in mesh_connections.cpp.
#include "mesh/mesh.hpp"

#include <algorithm>

#include <aemp/log.hpp>

#include "data/identity.hpp"
#include "mesh/address.hpp"
#include "mesh/halves.hpp"
#include "mesh/heartbeat.hpp"
#include "mesh/lots.hpp"

namespace aemp::mesh {

mesh::mesh(detail::local_node& node, net::transport& network, settings s, dice::source random)
    : node_(node),
      worker_(node.network_worker()),
      network_(network),
      settings_(std::move(s)),
      dice_(std::move(random)),
      backoff_(settings_, dice_),
      seeds_(worker_, network_, settings_, dice_, *this),
      relay_(node_, settings_, dice_, *this) {
  (void)wire::session(greeting_for({"255.255.255.255", 65535}));
  directory_owner& owner = *this;
  if (settings_.global_1 || settings_.global_2)
    directory_ = std::make_unique<directory>(node_, settings_, dice_, owner);
}

mesh::~mesh() {
  close();
  dead_.clear();
}

result<std::vector<net::endpoint>> mesh::listen(const std::vector<net::endpoint>& at) {
  std::vector<std::unique_ptr<net::listener>> opened;
  std::vector<net::endpoint> places;
  for (const net::endpoint& e : at) {
    auto l = network_.listen(e, [this](std::unique_ptr<net::stream> s) { adopt(std::move(s), {}); });
    if (!l) return l.error();
    places.push_back((*l)->local());
    opened.push_back(std::move(*l));
  }
  std::move(opened.begin(), opened.end(), std::back_inserter(listeners_));
  if (started_ && directory_ != nullptr) directory_->moved();
  return places;
}

std::vector<net::endpoint> mesh::listening() const {
  std::vector<net::endpoint> places;
  for (const auto& l : listeners_) places.push_back(l->local());
  return places;
}

void mesh::start() {
  started_ = true;
  if (directory_ != nullptr) directory_->start();
  seeds_.start();
}

void mesh::close() {
  if (std::exchange(over_, true)) return;
  listeners_.clear();
  say_goodbye();
  for (auto& [c, owned] : connections_)
    dead_.push_back(std::move(owned));  // this may be an event of one of them
  connections_.clear();
  handshaking_.clear();
  latest_ = {};
  {
    const std::lock_guard lock(names_mutex_);
    names_.clear();
  }
  peers_.clear();
}

// ---- the gateway ----

bool mesh::send_again(const port_id& to, const message& m) {
  if (!latest_.is(to)) return false;
  node_.check_leaving(to, m);
  latest_.up->send({latest_.name, &latest_.note}, m);
  return true;
}

void mesh::send(const port_id& to, message&& m, core::epoch heard) {
  if (heard == node_.workers().losses().latest() && latest_.is(to))
    return latest_.up->send({latest_.name, &latest_.note}, m);
  const halves at(to);
  if (is_stale(heard, at.node, at.name)) return;
  if (const peer* p = find(at.node); p != nullptr && p->up != nullptr) {
    if (to.identity() == nullptr && worker_.heard() == node_.workers().losses().latest())
      latest_ = {to, at.name, p->up};
    return p->up->send(at.name, m);
  }
  put(at.node, {outbox::packet::kind::message, std::string(at.name), std::move(m)});
}

void mesh::kill(const port_id& port, message reason, core::epoch heard) {
  const halves at(port);
  if (is_stale(heard, at.node, at.name)) return;
  put(at.node, {outbox::packet::kind::kill, std::string(at.name), std::move(reason)});
}

// Whoever sends has not heard of a loss on that way: its news is about to reach him.
bool mesh::is_stale(core::epoch heard, std::string_view node, std::string_view port) const {
  return node_.workers().losses().since(heard, node, port) != nullptr;
}

// While the node is being connected, requests wait among the messages: in front of a spawn that waits, too,
// mon1 would be answered with no_such_port.
void mesh::monitor(const port_id& port) {
  const halves at(port);
  if (at.name.empty()) {
    if (!over_) (void)reach(at.node);
    return;
  }
  put(at.node, {outbox::packet::kind::message, {}, monitor_request(at.name)});
}

void mesh::unmonitor(const port_id& port) {
  const halves at(port);
  if (at.name.empty() || find(at.node) == nullptr) return;
  put(at.node, {outbox::packet::kind::message, {}, unmonitor_request(at.name)});
}

bool mesh::is_modern(const std::string& node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && found->second->up != nullptr &&
         found->second->up->peer().key("mproto").has_value();
}

bool mesh::may_be_in(const std::string& node, std::string_view group) const {
  const peer* const p = const_cast<mesh*>(this)->find(node);
  return p == nullptr || p->up == nullptr || allows_group(p->up->certified(), group);
}

std::vector<std::string> mesh::known_nodes() const {
  const std::lock_guard lock(names_mutex_);
  std::vector<std::string> nodes;
  for (const auto& [name, p] : names_) nodes.push_back(name);
  return nodes;
}

std::size_t mesh::unsent(const std::string& node) const {
  const std::lock_guard lock(names_mutex_);
  const auto found = names_.find(node);
  return found == names_.end() ? 0 : found->second->unsent.load(std::memory_order_relaxed);
}

void mesh::when_drained(detail::owned& o) {
  peer* p = find(o.watched.node());
  if (p != nullptr && !p->alias_of.empty()) p = find(p->alias_of);
  if (p == nullptr || (p->up == nullptr && p->waiting.bytes() < connection::drained_below)) return o.fire({});
  p->wait_for_drain.push(o, o.watched_hook);
  if (p->up != nullptr) p->up->tell_when_drained();
}

void mesh::fire_drained(peer& p) {
  while (detail::owned* const o = p.wait_for_drain.pop()) {
    o->fire({});
    detail::release(o);
  }
}

void mesh::put(std::string_view node, outbox::packet packet) {
  if (over_) return;
  peer& p = reach(node);
  if (p.up != nullptr) return p.put(packet);
  if (put_waiting(p, std::move(packet))) return;
  lose(std::string(node),
       "queue_full: " + std::to_string(p.waiting.size()) + " messages of about " +
           std::to_string(p.waiting.bytes()) +
           " bytes waited for the connection, and no more may wait; send less before a node is up");
}

// ---- peers ----

peer* mesh::find(std::string_view node) {
  const auto found = peers_.find(node);
  return found == peers_.end() ? nullptr : found->second.get();
}

peer* mesh::find_up(const std::string& node) {
  peer* p = find(node);
  return p != nullptr && p->up != nullptr && p->alias_of.empty() ? p : nullptr;
}

peer& mesh::add(std::string_view node) {
  if (peer* p = find(node)) return *p;
  std::string id(node);
  peer& made = *peers_.emplace(id, std::make_unique<peer>(id)).first->second;
  const std::lock_guard lock(names_mutex_);
  names_.emplace(std::move(id), &made);
  return made;
}

peer& mesh::reach(std::string_view node) {
  peer& p = add(node);
  if (p.up == nullptr && p.dial == nullptr) begin_to_dial(p);
  return p;
}

void mesh::begin_to_dial(peer& p) {
  dialling_.insert(p.id);
  p.dial = std::make_unique<dialler>(
      worker_, network_, settings_, dice_,
      dialler::callbacks{[this, id = p.id](const net::endpoint& at, std::unique_ptr<net::stream> s) {
                           adopt(std::move(s), {at, id});
                         },
                         [this, id = p.id](const std::string& tried) { gave_up(id, tried); },
                         [this, id = p.id](const std::string& node) { return dial_through(id, node); }},
      wait_for(p.id));
  const address a = address_of(p.id);
  if (a.what == address::kind::noderef) p.dial->add(a.places);
  if (a.what == address::kind::hidden) {
    if (!is_here(a)) {
      p.dial->add_way(a.master);
    } else if (peer* real = find_up(a.id)) {
      return add_alias(p.id, *real);
    }
  }
  if (const auto route = routes_.find(p.id); route != routes_.end()) p.dial->add(route->second);
  if (directory_ != nullptr && a.what == address::kind::name) directory_->find(p.id);
}

// The node in the middle may have to be connected itself first; then this is tried again when it is up.
result<net::endpoint> mesh::dial_through(const std::string& node, const std::string& through) {
  const peer& middle = reach(through);
  if (middle.up == nullptr)
    return error{"not_connected", "it is not connected yet (" + middle.dial->outcomes() + ")"};
  const std::string real = middle.up->peer_id();
  auto stream = relay_.open(node, real);
  if (!stream) return stream.error();
  const net::endpoint at = (*stream)->remote();
  adopt(std::move(*stream), {at, node, {}, real});
  return at;
}

void mesh::ways_open(const std::string& through) {
  for (const std::string& id : std::set<std::string>(dialling_)) {
    if (const peer* p = find(id); p != nullptr && p->dial != nullptr) p->dial->way_is_open(through);
  }
}

// Whether this node is the master itself: then nobody but the hidden node can make the connection.
bool mesh::is_here(const address& master) const {
  const auto mine = [this](const place& p) {
    return std::ranges::any_of(listeners_, [&](const auto& l) { return l->local().str() == p.str(); });
  };
  return master.master == node_.id() || std::ranges::any_of(master.places, mine);
}

void mesh::gave_up(const std::string& node, const std::string& tried) {
  std::string why = "unable to connect within " + in_seconds(settings_.monitor_timeout) + " s: ";
  if (!tried.empty()) {
    why += tried;
    if (address_of(node).what == address::kind::hidden)
      why += "; it is a hidden node, and has to be connected there";
  } else if (address_of(node).what == address::kind::hidden) {
    why += "node " + node + " is hidden, and not connected to its master, which is this node";
  } else {
    why += "no known address: node " + node +
           " did not connect by itself, and nothing here says where it is; give an endpoint of it in seeds, "
           "or use its "
           "noderef host:port as node ID";
  }
  for (auto c = handshaking_.begin(); c != handshaking_.end();) {
    connection& one = *(c++)->second;
    if (one.from.wanted == node) one.close({"gave_up", why});
  }
  lose(node, why);
}

void mesh::learn(const std::string& node, const std::vector<net::endpoint>& addresses) {
  if (node == node_.id() || addresses.empty()) return;
  if (!routes_.contains(node) && routes_.size() >= settings_.limits.max_routes) return;
  routes_[node] = addresses;
  if (peer* p = find(node); p != nullptr && p->dial != nullptr) p->dial->add(addresses);
}

void mesh::remember(const std::string& node, const net::endpoint& at) {
  if (!routes_.contains(node) && routes_.size() >= settings_.limits.max_routes) return;
  std::vector<net::endpoint>& route = routes_[node];
  std::erase(route, at);
  route.insert(route.begin(), at);
}

void mesh::come_up(connection& c) {
  const std::string& id = c.peer_id();
  if (const peer* before = find(id); before != nullptr && !before->alias_of.empty()) {
    lose(id, "it was another name of node " + before->alias_of + ", and is a node of its own now");
  }
  peer& p = add(id);
  latest_ = {};
  p.up = &c;
  forget_waiting(p);
  c.publish_queued(p.unsent);
  dialling_.erase(id);
  p.dial.reset();
  p.protocol = std::make_unique<node_protocol>(
      node_, id, settings_.limits.max_monitors,
      node_protocol::callbacks{[&c](const message& m) { c.send({}, m); },
                               [this, id](std::string_view port, const message& reason) {
                                 node_.monitors().remote_died(detail::make_named_port(id, port), reason);
                                 if (const peer* now = find(id)) {
                                   for (const std::string& alias : now->aliases) {
                                     node_.monitors().remote_died(detail::make_named_port(alias, port),
                                                                  reason);
                                   }
                                 }
                               }});
  ++up_count_;
  if (c.from.dialled && c.from.through.empty()) remember(id, *c.from.dialled);
  node_.report(7, "node " + id + " that comes", [&] { return "node " + id + " is up: " + c.describe(); });
  node_.presence().came(id);
  if (directory_ != nullptr)
    directory_->node_up(id, {c.peer().key("gproto").has_value(), c.peer().key("arbiter").has_value(),
                             c.peer().key(lots_key) == "1"});
  if (!c.is_closed()) send_waiting(p);
  if (!c.is_closed() && !p.wait_for_drain.empty()) c.tell_when_drained();
  if (!c.is_closed() && c.from.through.empty()) ways_open(id);
}

// Sending may end the connection, and with it the peer.
void mesh::send_waiting(peer& p) {
  connection& c = *p.up;
  for (const outbox::packet& packet : p.waiting.take()) {
    if (c.is_closed()) return;
    p.put(packet);
  }
}

void mesh::add_alias(const std::string& alias, peer& of) {
  constexpr std::size_t most = 64;
  peer* p = find(alias);
  if (p == nullptr || p->up != nullptr || alias == of.id) return;
  if (of.aliases.size() >= most)
    return lose(alias, "node " + of.id + " is known by " + std::to_string(most) + " other names already");
  dialling_.erase(alias);
  p->dial.reset();
  latest_ = {};
  forget_waiting(*p);
  p->up = of.up;
  p->alias_of = of.id;
  of.aliases.push_back(alias);
  {
    const std::lock_guard lock(names_mutex_);
    names_[alias] = &of;
  }
  fire_drained(*p);
  node_.report(7, "other names of node " + of.id, [&] { return "node " + alias + " is node " + of.id; });
  send_waiting(*p);
  ways_open(alias);
}

void mesh::lose(const std::string& node, const std::string& why, std::string_view reason) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  const std::unique_ptr<peer> p = std::move(found->second);
  latest_ = {};
  peers_.erase(found);
  {
    const std::lock_guard lock(names_mutex_);
    names_.erase(p->id);
  }
  const bool was_up = p->up != nullptr && p->alias_of.empty();
  if (p->up != nullptr) backoff_.lost(p->id, p->up->ready_since(), worker_.now());
  if (was_up) {
    --up_count_;
  } else if (p->up == nullptr) {
    forget_waiting(*p);
  }
  node_.report(7, was_up ? "node " + p->id + " that goes" : std::string("nodes that are not reachable"),
               [&] { return "node " + p->id + (was_up ? " is down: " : " is not reachable: ") + why; });
  dialling_.erase(p->id);
  p->dial.reset();
  p->protocol.reset();
  const std::unique_ptr<succession> claims = std::move(p->in_question);
  if (peer* real = find(p->alias_of)) std::erase(real->aliases, p->id);
  node_.monitors().node_lost(p->id, message(reason, p->id, why));
  fire_drained(*p);
  for (const std::string& alias : p->aliases) lose(alias, why, reason);
  if (directory_ != nullptr) directory_->node_gone(p->id);
  if (!was_up) return;
  relay_.leg_lost(p->id, why);
  seeds_.node_lost();
  if (claims != nullptr) admit(*claims);
}

}  // namespace aemp::mesh
