// Who may connect. The rules of one connection per pair of nodes, and of nodes that come again
// (docs/architecture.md), are in named(), verified() and ready().
#include <algorithm>
#include <map>

#include <aemp/log.hpp>

#include "core/trace.hpp"
#include "mesh/address.hpp"
#include "mesh/encryption.hpp"
#include "mesh/heartbeat.hpp"
#include "mesh/lots.hpp"
#include "mesh/mesh.hpp"
#include "wire/hash.hpp"

namespace aemp::mesh {
namespace {

// What happens in a healthy network; all else needs somebody's attention.
bool is_routine(const connection& c, const error& why) {
  static constexpr std::string_view routine[] = {"already_connected", "handshake_broken", "handshake_timeout",
                                                 "gave_up"};
  if (std::find(std::begin(routine), std::end(routine), why.name) != std::end(routine)) return true;
  return why.name == "talking_to_myself" && !c.from.dialled;  // the side that dialled says it
}

error connected_already(const std::string& node) {
  return {"already_connected", "node " + node + " is connected already, by another connection"};
}

// As far as both say which they are.
bool is_same_process(const connection& one, const connection& other) {
  return one.peer().key("instance") == other.peer().key("instance");
}

// Another connection with the same process takes the place of a circuit: it needs nobody in the middle, and
// whoever can only be reached by circuits is no node in the middle for others.
bool is_shortcut(const connection& fresh, const connection& holder) {
  return fresh.from.through.empty() && !holder.from.through.empty() && is_same_process(fresh, holder);
}

}  // namespace

wire::session_config mesh::greeting_for(const net::endpoint& remote) {
  wire::session_config config;
  config.node_id = node_.id();
  config.secret = settings_.secret;
  config.tls_available = !settings_.tls.pem.empty();
  config.auth_offer = settings_.auth_offer;
  config.auth_accept = settings_.auth_accept;
  config.framings = settings_.framings;
  config.provider = settings_.provider;
  config.peeraddr = remote.str();
  config.more_keys = {{"arbiter", "1"},
                      heartbeat_key(settings_.monitor_timeout),
                      {"instance", node_.identity().uniq},
                      {"mproto", "1"},
                      {"relay", "1"},
                      {goodbye_key, "1"}};
  if (settings_.global_2) {
    config.more_keys.emplace_back("gproto", "1");
    config.more_keys.emplace_back(lots_key, "1");
  }
  for (auto& key : limit_keys(settings_.limits)) config.more_keys.push_back(std::move(key));
  config.more_keys.insert(config.more_keys.end(), settings_.greeting_keys.begin(),
                          settings_.greeting_keys.end());
  std::array<unsigned char, wire::nonce_bytes> random;
  dice_.fill(std::as_writable_bytes(std::span(random)));
  config.nonce = wire::make_nonce(random);
  return config;
}

// A stream is here. An exception is the end of it, and of nothing else; whoever had it dialled is told.
void mesh::adopt(std::unique_ptr<net::stream> stream, const origin& from) {
  connection* made = nullptr;
  if (worker_.enter("a new connection", [&] { begin(std::move(stream), from, made); })) return;
  const error why = internal_error();
  (void)worker_.enter("a new connection", [&] {
    if (made != nullptr) {
      if (connections_.contains(made)) made->close(why);
    } else if (from.dialled) {
      attempt_ended(from, why);
    }
  });
}

void mesh::refuse_to_leave(const net::endpoint& remote, const origin& from) {
  const error why{"weak_secret",
                  "the secret has less than 16 bytes, and " + remote.str() +
                      " is another machine, on the way to which it can be found out by trying; take a longer "
                      "one on all nodes (aemp gensecret), or set allow_weak_secret"};
  node_.report(2, "connections with " + remote.host,
               [&] { return "no connection with " + remote.str() + ": " + why.name + ": " + why.text; });
  if (from.dialled) attempt_ended(from, why);
}

void mesh::begin(std::unique_ptr<net::stream> stream, const origin& from, connection*& made) {
  const bool incoming = !from.dialled;
  if (settings_.stays_here && from.through.empty() && !stream->remote().is_loopback())
    return refuse_to_leave(stream->remote(), from);
  if (incoming) make_room_for_handshakes();
  wire::session_config config = greeting_for(stream->remote());
  config.psk = psk_wish_for(settings_.encryption, stream->local(), stream->remote());
  if (!from.data_id.empty()) {
    config.protocol = data_protocol;
    config.more_keys.emplace_back(data_key, from.data_id);
    config.more_keys.emplace_back(frames_key, "1");
  } else if (incoming && data_ != nullptr && from.through.empty()) {
    config.served_protocols.emplace_back(data_protocol);
    config.more_keys.emplace_back(frames_key, "1");
  }
  if (!from.through.empty()) {
    // No TLS inside a circuit: its legs have it. Who requires it from end to end gets no circuit.
    config.tls_available = false;
    const bool required = settings_.encryption == encryption_mode::required;
    config.psk = required ? wire::psk_wish::required : wire::psk_wish::none;
  }
  connection_events& events = *this;
  auto owned = std::make_unique<connection>(worker_, settings_, std::move(config), std::move(stream), from,
                                            ++connections_made_, events);
  connection& c = *owned;
  connections_.emplace(&c, std::move(owned));
  made = &c;
  handshaking_.emplace(c.number, &c);
  if (incoming) ++handshakes_;
  c.start();
}

// Where descriptors are few, half of those that are left are for the nodes that have proven themselves, and
// for what this one opens itself.
void mesh::make_room_for_handshakes() {
  const std::size_t share = network_.room() / 2 + handshakes_ / 2;
  const std::size_t most = std::max<std::size_t>(1, std::min(share, settings_.limits.max_handshakes));
  while (handshakes_ >= most && close_a_handshake()) continue;
}

// The oldest of the host that has the most of them, so that one that does nothing but knock cannot keep
// others out. False when there is none.
bool mesh::close_a_handshake() {
  std::map<std::string_view, std::size_t> per_host;
  for (const auto& [number, c] : handshaking_) {
    if (!c->from.dialled) ++per_host[c->remote.host];
  }
  connection* oldest = nullptr;
  std::size_t most = 0;
  for (const auto& [number, c] : handshaking_) {
    if (c->from.dialled) continue;
    const std::size_t n = per_host[c->remote.host];
    if (oldest != nullptr && (n < most || (n == most && c->number > oldest->number))) continue;
    oldest = c;
    most = n;
  }
  if (oldest == nullptr) return false;
  oldest->close({"too_many_handshakes",
                 std::to_string(handshakes_) +
                     " incoming connections have not finished their handshake; the oldest goes"});
  return true;
}

// Against a node that does not know the rule we are the one who decides.
bool mesh::is_arbiter(const connection& c) const {
  return c.peer().key("arbiter") != "1" || node_.id() > c.peer_id();
}

bool mesh::is_up(const std::string& node) const { return const_cast<mesh*>(this)->find_up(node) != nullptr; }

// ---- a connection's events ----

void mesh::named(connection& c) {
  if (c.is_data()) return;
  const std::string& id = c.peer_id();
  if (c.from.dialled && c.from.wanted.empty()) {
    seeds_.named(*c.from.dialled, id);
    if (directory_ != nullptr && is_up(id)) directory_->seed_named(id);
  }
  const bool arbiter = is_arbiter(c);
  if (arbiter) c.hold();
  const peer* p = find_up(id);
  if (p == nullptr) return;
  if (is_shortcut(c, *p->up)) return;
  const bool same = is_same_process(c, *p->up);
  if (same && arbiter && c.from.dialled) return c.close(connected_already(id));
  if (same || arbiter) return;  // proof comes first
  // We cannot have its proof before ours: so that two nodes with one ID do not drive each other out.
  c.hold();
  claim(c, false);
}

void mesh::verified(connection& c) {
  const peer* p = find_up(c.peer_id());
  if (p != nullptr && !is_shortcut(c, *p->up)) return claim(c, true);
  c.accept();
}

void mesh::ready(connection& c) {
  handshaking_.erase(c.number);
  if (!c.from.dialled) --handshakes_;
  if (c.is_data()) return data_ready(c);
  const std::string id = c.peer_id();
  bool sole = is_arbiter(c);
  // The old one was silent, or the arbiter has accepted this one: then the other does not exist for it any
  // more.
  if (peer* p = find_up(id)) {
    sole = std::exchange(p->in_question, nullptr) != nullptr || sole;
    p->up->close(
        {"connection_replaced", "node " + id + " has given up this connection and made another one"});
  }
  come_up(c);
  if (sole) close_rivals(c);
  if (!c.from.dialled || c.is_closed()) return;
  if (c.from.wanted.empty()) return seeds_.ended(*c.from.dialled, {});
  handshake_ended(c, {"wrong_node", "node " + id + " answers there"});
}

// What is noted of a name is the number of a port, where the name says it and so means that port for ever.
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

void mesh::node_packet(connection& c, const message& m) {
  if (core::is_tracing() && !m.empty()) core::trace("RCV", node_.id(), m);
  peer* p = find(c.peer_id());
  if (p == nullptr || p->up != &c) return;
  if (is_goodbye(m)) [[unlikely]]
    return c.close({node_stopped, "node " + p->id + " has stopped"});
  if (c.from.through.empty() && relay_.handle(p->id, m)) return;
  if (p->in_question != nullptr && p->in_question->is_answer(m)) return settle_claims(p->id, true);
  if (directory_ != nullptr && directory_->handle(p->id, m)) return;
  worker_.ports().in_context(0, [&] { p->protocol->handle(m); });
}

void mesh::deliver_by_name(const wire::destination& to, message&& m) {
  if (to.note != nullptr) *to.note = node_.names().number_in(to.name).value_or(0);
  node_.deliver(to.name, std::move(m));
}

void mesh::drained(connection& c) {
  if (peer* p = find_up(c.peer_id()); p != nullptr && p->up == &c) fire_drained(*p);
}

// This may be an event of it.
void mesh::retire(connection& c) {
  const auto found = connections_.find(&c);
  if (found == connections_.end()) return;
  received_ -= static_cast<std::ptrdiff_t>(c.held());
  dead_.push_back(std::move(found->second));
  connections_.erase(found);
  handshaking_.erase(c.number);
  worker_.when_idle(*this);
}

void mesh::closed(connection& c, const error& why) {
  retire(c);
  if (over_) return;
  if (c.is_ready()) {
    const peer* p = find(c.peer_id());
    if (p != nullptr && p->up == &c) {
      if (why.name == node_stopped) return lose(p->id, why.text, node_stopped);
      const bool plain = why.name == "connection_lost" || why.name == "heartbeat_lost";
      lose(p->id, plain ? why.text : why.name + ": " + why.text);
    }
    return;
  }
  if (!c.from.dialled) --handshakes_;
  if (c.is_named()) {
    if (const peer* p = find(c.peer_id()); p != nullptr && p->in_question != nullptr)
      p->in_question->remove(c);
  }
  log_handshake(c, why);
  if (c.from.dialled) handshake_ended(c, why);
}

// Tells whoever had the connection dialled what became of it. What was looked for may be connected all the
// same: by another connection, or under the name that it gave itself.
void mesh::handshake_ended(connection& c, const error& why) {
  const std::string& wanted = c.from.wanted;
  if (!c.from.data_id.empty()) return attempt_ended(c.from, why);
  if (wanted.empty() && why.name == "talking_to_myself" && c.peer().node_id == node_.id()) {
    if (directory_ != nullptr) directory_->own_seed("it is a seed itself");
    return seeds_.is_myself(*c.from.dialled);
  }
  const peer* const p = find(wanted);
  const address a = address_of(wanted);
  const bool may_be_alias = a.what == address::kind::noderef ||
                            (a.what == address::kind::hidden && c.is_named() && c.peer_id() == a.id);
  if (p != nullptr && p->dial != nullptr && c.is_named() && may_be_alias) {
    if (peer* real = find(c.peer_id()); real != nullptr && real->up != nullptr)
      return add_alias(wanted, *real);
  }
  attempt_ended(c.from, why);
}

void mesh::attempt_ended(const origin& from, const error& why) {
  const net::endpoint& at = *from.dialled;
  if (!from.data_id.empty()) return data_->dial_ended(from.wanted, from.data_id, at, why);
  if (from.wanted.empty()) return seeds_.ended(at, why);
  if (const peer* p = find(from.wanted); p != nullptr && p->dial != nullptr) p->dial->ended(at, why);
}

// Other connections to the same node cannot come up any more.
void mesh::close_rivals(const connection& winner) {
  std::vector<connection*> rivals;
  for (const auto& [number, c] : handshaking_) {
    if (c != &winner && c->is_named() && !c->is_data() && c->peer_id() == winner.peer_id())
      rivals.push_back(c);
  }
  for (connection* c : rivals) {
    if (connections_.contains(c)) c->close(connected_already(c->peer_id()));
  }
}

void mesh::renamed() {
  if (directory_ != nullptr && started_) directory_->moved();
  for (connection* c : in_order()) {
    if (connections_.contains(c)) c->close({"renamed", "this node is called " + node_.id() + " now"});
  }
}

std::vector<connection*> mesh::in_order() const {
  std::vector<connection*> all;
  for (const auto& [c, owned] : connections_) all.push_back(c);
  std::ranges::sort(all, {}, &connection::number);
  return all;
}

// ---- a node comes again while it is up (mesh/succession.hpp) ----

void mesh::claim(connection& c, bool proven) {
  peer& p = *find_up(c.peer_id());
  const bool first = p.in_question == nullptr;
  if (first) {
    const core::duration theirs = announced_silence(p.up->peer()).value_or(settings_.monitor_timeout);
    const core::duration patience = std::min(settings_.monitor_timeout, theirs) / 6;
    p.in_question = std::make_unique<succession>(worker_, *p.up, patience, std::to_string(++questions_asked_),
                                                 [this, id = p.id] { settle_claims(id, false); });
  }
  p.in_question->add(c, proven);
  if (first) p.in_question->ask(node_.id());
}

void mesh::settle_claims(const std::string& node, bool holder_lives) {
  peer* p = find_up(node);
  if (p == nullptr || p->in_question == nullptr) return;
  if (holder_lives) {
    const std::unique_ptr<succession> claims = std::move(p->in_question);
    for (connection* c : claims->claimants()) {
      if (connections_.contains(c)) refuse_claim(*c, *p->up);
    }
    return;
  }
  if (!p->in_question->claimants().empty()) {
    const std::unique_ptr<succession> claims = std::move(p->in_question);
    return admit(*claims);
  }
  const bool proven = p->in_question->proven();
  p->in_question.reset();
  if (proven) p->up->close({"connection_replaced", "it is silent, and the node has come on another one"});
}

// Where we decide, the first one comes up at once and closes the others; else all say who we are, and the
// other node decides.
void mesh::admit(const succession& claims) {
  const std::vector<connection*> list = claims.claimants();
  for (connection* c : list) {
    if (connections_.contains(c)) c->accept();
  }
}

void mesh::refuse_claim(connection& claimant, const connection& holder) {
  const std::string& id = claimant.peer_id();
  const bool two = claimant.peer().key("instance") ? !is_same_process(claimant, holder)
                                                   : claimant.began > holder.ready_since();
  if (!two) return claimant.close(connected_already(id));
  claimant.close({"same_node_id", "two nodes call themselves " + id + ": the one at " + holder.remote.str() +
                                      " was here first and answers, so it stays; give the one at " +
                                      claimant.remote.str() + " a node ID of its own"});
}

void mesh::log_handshake(const connection& c, const error& why) {
  const bool own = why.name == "talking_to_myself" && c.from.dialled &&
                   std::any_of(listeners_.begin(), listeners_.end(),
                               [&](const auto& l) { return l->local() == c.remote; });
  node_.report(own || is_routine(c, why) ? 7 : 2, "connections with " + c.remote.host, [&] {
    return (c.from.dialled ? "no connection to " : "no connection from ") + c.remote.str() + ": " + why.name +
           ": " + why.text;
  });
}

connection* mesh::leg_to(const std::string& node) {
  const peer* p = find_up(node);
  return p != nullptr && p->up->from.through.empty() ? p->up : nullptr;
}

void mesh::circuit_came(std::unique_ptr<net::stream> stream, const std::string& through) {
  if (door_closed_) return;
  adopt(std::move(stream), {{}, {}, {}, through});
}

void mesh::seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream> stream) {
  adopt(std::move(stream), {at, {}});
}

void mesh::seed_failed() {
  if (directory_ != nullptr) directory_->look_again();
}

}  // namespace aemp::mesh
