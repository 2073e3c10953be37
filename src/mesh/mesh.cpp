#include "mesh/mesh.hpp"

#include <aemp/log.hpp>

#include "core/trace.hpp"
#include "core/words.hpp"
#include "data/identity.hpp"
#include "mesh/goodbye.hpp"
#include "mesh/halves.hpp"
#include "mesh/internal_error.hpp"
#include "mesh/large_queue.hpp"
#include "mesh/lots.hpp"
#include "mesh/message_limits.hpp"

namespace aemp::mesh {
namespace {

std::unique_ptr<directory> directory_for(detail::local_node& node, const settings& s, dice& chance,
                                         directory_owner& owner) {
  if (!s.global_1 && !s.global_2) return nullptr;
  return std::make_unique<directory>(node, s, chance, owner);
}

}  // namespace

mesh::mesh(detail::local_node& node, net::transport& network, settings s, dice::source random)
    : node_(node),
      worker_(node.network_worker()),
      network_(network),
      settings_(std::move(s)),
      dice_(std::move(random)),
      connections_(worker_, network_, settings_),
      quotas_(settings_),
      routes_(settings_),
      listeners_(network_),
      introduction_(node_, settings_, dice_),
      backoff_(settings_, dice_),
      seeds_(worker_, network_, settings_, dice_, peers_, backoff_, *this),
      relay_(node_, settings_, dice_, *this),
      directory_access_(peers_, listeners_, routes_, seeds_, search_),
      directory_(directory_for(node_, settings_, dice_, directory_access_)),
      membership_(node_, settings_, peers_, connections_, latest_, quotas_, routes_, backoff_, *this),
      data_(node_, settings_, connections_),
      outcomes_(node_, peers_, listeners_, membership_, seeds_, data_, directory_.get()),
      admission_(node_, settings_, connections_, peers_, membership_, outcomes_, data_),
      arrivals_(node_, settings_, connections_, introduction_, outcomes_, data_, admission_, *this),
      search_(node_, network_, settings_, dice_, peers_, routes_, backoff_, listeners_, connections_, relay_,
              membership_, arrivals_, directory_.get()) {}

mesh::~mesh() {
  close();
  connections_.drop_retired();
}

result<std::vector<net::endpoint>> mesh::listen(const std::vector<net::endpoint>& at) {
  auto places =
      listeners_.open(at, [this](std::unique_ptr<net::stream> s) { arrivals_.adopt(std::move(s), {}); });
  if (places && started_ && directory_ != nullptr) directory_->moved();
  return places;
}

void mesh::start() {
  started_ = true;
  if (directory_ != nullptr) directory_->start();
  seeds_.start();
}

void mesh::renamed() {
  if (directory_ != nullptr && started_) directory_->moved();
  for (connection* c : connections_.in_order()) {
    if (connections_.contains(*c)) c->close({"renamed", "this node is called " + node_.id() + " now"});
  }
}

std::unique_ptr<net::attempt> mesh::dial_data(const net::endpoint& at, const std::string& node,
                                              const std::string& id) {
  return network_.dial(at, [this, from = origin{at, node, id}](result<std::unique_ptr<net::stream>> dialled) {
    if (over_) return;
    if (!dialled) return data_.dial_ended(from, dialled.error());
    if (worker_.enter("a data connection", [&] { arrivals_.adopt(std::move(*dialled), from); })) return;
    data_.dial_ended(from, internal_error());
  });
}

std::vector<net::endpoint> mesh::places_of(const std::string& node) const {
  return routes_.all_to(node, node_.registry().all());
}

// ---- out ----

bool mesh::send_again(const port_id& to, const message& m) {
  if (!latest_.is(to)) return false;
  node_.check_leaving(to, m);
  latest_.send(m);
  return true;
}

void mesh::send(const port_id& to, message&& m, core::epoch heard) {
  if (heard == node_.workers().losses().latest() && latest_.is(to)) return latest_.send(m);
  const halves at(to);
  if (is_stale(heard, at.node, at.name)) return;
  if (const peer* p = peers_.find(at.node); p != nullptr && p->up != nullptr) {
    if (to.identity() == nullptr && worker_.heard() == node_.workers().losses().latest())
      latest_ = {to, at.name, p->up};
    return p->up->send(at.name, m);
  }
  put(at.node, {backlog::packet::kind::message, std::string(at.name), std::move(m)});
}

void mesh::kill(const port_id& port, message reason, core::epoch heard) {
  const halves at(port);
  if (is_stale(heard, at.node, at.name)) return;
  put(at.node, {backlog::packet::kind::kill, std::string(at.name), std::move(reason)});
}

void mesh::ask(const port_id& port, const message& question, core::epoch heard) {
  const halves at(port);
  if (is_stale(heard, at.node, at.name)) return;
  put(at.node, {backlog::packet::kind::question, std::string(at.name), question});
}

// True: there was a loss on that way whose news has not reached the sender yet.
bool mesh::is_stale(core::epoch heard, std::string_view node, std::string_view port) const {
  return node_.workers().losses().since(heard, node, port) != nullptr;
}

// While the node is being connected, requests wait among the messages. A mon1 that overtook a waiting spawn
// would be answered with no_such_port.
void mesh::monitor(const port_id& port) {
  const halves at(port);
  if (at.name.empty()) {
    if (!over_) (void)search_.reach(at.node);
    return;
  }
  put(at.node, {backlog::packet::kind::message, {}, monitor_request(at.name)});
}

void mesh::unmonitor(const port_id& port) {
  const halves at(port);
  if (at.name.empty() || peers_.find(at.node) == nullptr) return;
  put(at.node, {backlog::packet::kind::message, {}, unmonitor_request(at.name)});
}

void mesh::put(std::string_view node, backlog::packet packet) {
  if (over_) return;
  peer* const p = search_.reach(node);
  if (p == nullptr) return;
  if (p->up != nullptr) return p->put(packet);
  if (quotas_.add_waiting(*p, std::move(packet))) return;
  membership_.lose(
      std::string(node),
      "queue_full: " + std::to_string(p->waiting.size()) + " messages of about " +
          std::to_string(p->waiting.bytes()) +
          " bytes waited for the connection, and no more may wait; send less before a node is up");
}

void mesh::pass_on(const std::string& from, const port_id& to, message&& m) {
  if (over_) return;
  const halves at(to);
  const std::string node(at.node);
  backlog::packet packet{backlog::packet::kind::message, std::string(at.name), std::move(m)};
  peer* const known = peers_.find(node);
  if (known != nullptr && known->up != nullptr) return known->put(packet);
  const std::size_t bytes = backlog::weight_of(packet);
  if (!quotas_.may_wish(from, known, bytes) || !core::is_node_name(node)) {
    return node_.report(2, "messages that node " + from + " wants passed on", [&] {
      return "a message of node " + from + " is not passed on to node " + node.substr(0, 64) +
             ": that is not connected, and node " + from + " has us look for enough others already";
    });
  }
  peer* const p = search_.reach(node);
  if (p == nullptr) return;
  quotas_.add_wish(from, *p, bytes);
  if (p->up == nullptr && quotas_.add_waiting(*p, packet)) return;
  if (p->up == nullptr)
    return membership_.lose(node, "queue_full: too much waits for nodes that are being connected");
  quotas_.forget_waiting(*p);
  p->put(packet);
}

bool mesh::is_modern(const std::string& node) const {
  const peer* const p = peers_.find(node);
  return p != nullptr && p->up != nullptr && p->up->peer().key("mproto").has_value();
}

bool mesh::may_be_in(const std::string& node, std::string_view group) const {
  const peer* const p = peers_.find(node);
  return p == nullptr || p->up == nullptr || allows_group(p->up->certified(), group);
}

void mesh::when_drained(detail::owned& o) {
  peer* p = peers_.find(o.watched.node());
  if (p != nullptr && !p->alias_of.empty()) p = peers_.find(p->alias_of);
  if (p == nullptr || (p->up == nullptr && p->waiting.bytes() < connection::drained_below)) return o.fire({});
  p->wait_for_drain.push(o, o.watched_hook);
  if (p->up != nullptr) p->up->tell_when_drained();
}

void mesh::drained(connection& c) {
  if (peer* p = peers_.find_up(c.peer_id()); p != nullptr && p->up == &c) p->fire_drained();
}

// ---- in ----

// The decoder keeps a note with each name. If the name of a port contains its number, the note is that
// number, so the name is parsed only once.
inline void mesh::deliver(const wire::destination& to, message&& m) {
  if (to.note != nullptr && *to.note != 0) [[likely]]
    return node_.deliver(*to.note, std::move(m));
  deliver_by_name(to, std::move(m));
}

void mesh::packet(connection& c, const wire::destination& to, message&& m) {
  if (!to.name.empty()) [[likely]]
    return deliver(to, std::move(m));
  node_packet(c, m);
}

void mesh::deliver_by_name(const wire::destination& to, message&& m) {
  if (to.note != nullptr) *to.note = node_.names().number_in(to.name).value_or(0);
  node_.deliver(to.name, std::move(m));
}

void mesh::node_packet(connection& c, const message& m) {
  if (core::is_tracing() && !m.empty()) core::trace("RCV", node_.id(), m);
  peer* p = peers_.find(c.peer_id());
  if (p == nullptr || p->up != &c) return;
  if (is_goodbye(m)) [[unlikely]]
    return c.close({node_stopped, "node " + p->id + " has stopped"});
  if (c.from.through.empty() && relay_.handle(p->id, m)) return;
  if (p->in_question != nullptr && p->in_question->is_answer(m)) return admission_.settle_claims(p->id, true);
  if (directory_ != nullptr && directory_->handle(p->id, m)) return;
  worker_.ports().in_context(0, [&] { p->protocol->handle(m); });
}

// A lost message counts as a loss of its port: monitors of that port fire, and until they have fired, nothing
// else is sent there. If the message tells of a death, only the reason is lost.
void mesh::refused(connection& c, std::string_view port, const message& m, const error& why) {
  const std::string id = c.peer_id();
  const std::string concerned = concern_of(port, m);
  node_.report(2, "messages that node " + id + " does not take", [&] {
    return why.name + ": a message to " + id + "#" + concerned + " was not sent: " + why.text;
  });
  if (port.empty() && tells_of_death(m))
    return c.send({}, message(m[0], m[1], why.name, "the reason was not sent: " + why.text));
  if (concerned.empty()) return;
  const message reason(why.name, "a message was not sent to this port: " + why.text);
  node_.monitors().port_lost(detail::make_named_port(id, concerned), reason);
  const peer* const p = peers_.find(id);
  for (const std::string& alias : p != nullptr ? p->aliases : std::vector<std::string>())
    node_.monitors().port_lost(detail::make_named_port(alias, concerned), reason);
}

// ---- who is up ----

void mesh::came_up(connection& c) {
  if (directory_ == nullptr) return;
  directory_->node_up(c.peer_id(), {c.peer().key("gproto").has_value(), c.peer().key("arbiter").has_value(),
                                    c.peer().key(lots_key) == "1", limits_in(c.peer()).max_message});
}

void mesh::lost(const std::string& node, bool was_up, const std::string& why) {
  if (directory_ != nullptr) directory_->node_gone(node);
  if (!was_up) return;
  relay_.leg_lost(node, why);
  seeds_.node_lost();
}

// ---- streams ----

void mesh::seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream> stream) {
  arrivals_.adopt(std::move(stream), {at, {}});
}

void mesh::seed_failed() {
  if (directory_ != nullptr) directory_->look_again();
}

void mesh::circuit_came(std::unique_ptr<net::stream> stream, const std::string& through) {
  if (!door_closed_) arrivals_.adopt(std::move(stream), {{}, {}, {}, through});
}

// ---- how this node goes (docs/protocol.md, `goodbye`) ----

void mesh::close_door() {
  door_closed_ = true;
  listeners_.close();
}

void mesh::leave() {
  if (over_) return;
  connections_.say_goodbye();
  // The other side of a handshake may have finished it already, and must not wait for us.
  for (connection* c : connections_.in_order()) {
    if (!c->is_ready()) c->leave({node_stopped, "node " + node_.id() + " was stopped during the handshake"});
  }
  std::vector<std::string> up;
  for (const auto& [id, p] : peers_.all()) {
    if (p->up != nullptr && p->alias_of.empty()) up.push_back(id);
  }
  for (connection* c : connections_.in_order()) {
    if (c->is_closed()) connections_.retire(*c);
  }
  for (const std::string& id : up) membership_.lose(id, "node " + node_.id() + " was stopped", node_stopped);
}

void mesh::close() {
  if (std::exchange(over_, true)) return;
  listeners_.close();
  connections_.say_goodbye();
  connections_.retire_all();  // an event of one of them may be the caller
  latest_.forget();
  peers_.clear();
}

}  // namespace aemp::mesh
