// The network of one node: who it is connected to, who it wants to be connected to, and what goes there.
// Implements core::gateway, and sees that between two nodes there is one connection, whoever dials whom and
// however often (docs/architecture.md).
//
// What it keeps (aemp-protocol B.6): packets to a node arrive in the order in which they were given here, or
// the node is lost: then everything that waits for it is dropped and local_node::node_lost is called before
// anything else is sent there.
//
// Belongs to the network worker, except known_nodes() and unsent(). The node's core and the transport outlive
// it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/gateway.hpp"
#include "core/local_node.hpp"
#include "mesh/backoff.hpp"
#include "mesh/connection.hpp"
#include "mesh/dice.hpp"
#include "mesh/directory.hpp"
#include "mesh/directory_owner.hpp"
#include "mesh/goodbye.hpp"
#include "mesh/link_facts.hpp"
#include "mesh/peer.hpp"
#include "mesh/relay.hpp"
#include "mesh/seeds.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class mesh final : public core::gateway,
                   connection_events,
                   seed_owner,
                   directory_owner,
                   relay_owner,
                   core::idle_task {
 public:
  // Nothing is opened yet. Throws std::invalid_argument when the greeting cannot be made of these settings.
  mesh(detail::local_node& node, net::transport& network, settings s, dice::source random);
  mesh(const mesh&) = delete;
  mesh& operator=(const mesh&) = delete;
  ~mesh() override;

  // Listens, on all or on none. The result has the ports that were chosen where 0 was asked for. Errors:
  // those of net::transport::listen.
  result<std::vector<net::endpoint>> listen(const std::vector<net::endpoint>& at);
  std::vector<net::endpoint> listening() const;

  // When the worker begins to run: dials the seeds.
  void start();

  // The node has another ID: what is connected under the former one ends, and is connected anew.
  void renamed();
  // Places to which this node, which listens nowhere, is to be connected at any time.
  void follow(const std::vector<net::endpoint>& master) { seeds_.add_masters(master); }

  // Where a node can be reached, learned somewhere. Used from the next wish to connect on, and for one that
  // there is already.
  void learn(const std::string& node, const std::vector<net::endpoint>& addresses);
  // Data connections (mesh_data.cpp): who serves them, if anybody, and outlives the mesh; where a node that
  // is up can be dialled, as far as is known here; and dialling for one. The name of a node by which another
  // name leads to it is its own.
  void serve_data(data_server& s) noexcept { data_ = &s; }
  std::string real_name(const std::string& node) const;
  std::vector<net::endpoint> places_of(const std::string& node) const;
  std::unique_ptr<net::attempt> dial_data(const net::endpoint& at, const std::string& node,
                                          const std::string& id);

  // For who looks from outside (mesh_facts.cpp): connections with nodes, made after that number, the oldest
  // first; and nodes that are being connected, in no order. Cost: a look at each peer.
  std::vector<link_facts> links_after(std::uint64_t number, std::size_t most) const;
  std::vector<wish_facts> wishes(std::size_t most) const;

  // The wish to be connected, without a message.
  void connect(const std::string& node) { (void)reach(node); }

  void send(const port_id& to, message&& m, core::epoch heard) override;
  bool send_again(const port_id& to, const message& m) override;
  void pass_on(const std::string& from, const port_id& to, message&& m) override;
  void kill(const port_id& port, message reason, core::epoch heard) override;
  void monitor(const port_id& port) override;
  void unmonitor(const port_id& port) override;
  std::size_t unsent(const std::string& node) const override;
  void when_drained(detail::owned& o) override;
  bool is_modern(const std::string& node) const override;
  bool may_be_in(const std::string& node, std::string_view group) const override;
  std::vector<std::string> known_nodes() const override;
  void close_door() override;
  std::size_t unsent_in_all() const override;
  void leave() override;
  bool is_finishing() const override { return network_.finishing() != 0; }
  void close() override;

 private:
  // So that a part of a port ID finds its peer without becoming a string.
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  using peer_map = std::unordered_map<std::string, std::unique_ptr<peer>, text_hash, std::equal_to<>>;

  // Where the last message went. It means nothing any more when a peer has come up or is lost, and there is
  // none while this worker has not heard of all losses.
  struct way {
    bool is(const port_id& to) const noexcept {
      return up != nullptr && to.shared_text() == port.shared_text();
    }
    port_id port = {};  // not a number
    std::string_view name = {};
    connection* up = nullptr;
    std::uint64_t note = 0;  // its encoder's
  };

  // Peers (mesh.cpp).
  peer* find(std::string_view node);
  peer* find_up(const std::string& node);  // by the name it gives itself
  peer& add(std::string_view node);
  peer& reach(std::string_view node);
  void begin_to_dial(peer& p);
  result<net::endpoint> dial_through(const std::string& node, const std::string& through);
  void ways_open(const std::string& through);
  std::vector<connection*> in_order() const;  // all connections, by number
  bool is_here(const address& master) const;
  void gave_up(const std::string& node, const std::string& what_was_tried);
  void put(std::string_view node, outbox::packet p);
  bool put_waiting(peer& p, outbox::packet packet);
  void forget_waiting(peer& p);
  bool is_stale(core::epoch heard, std::string_view node, std::string_view port) const;
  static void fire_drained(peer& p);
  void send_waiting(peer& p);
  void come_up(connection& c);
  void lose(const std::string& node, const std::string& why, std::string_view reason = "transport_error");
  void say_goodbye();
  void add_alias(const std::string& alias, peer& of);
  void remember(const std::string& node, const net::endpoint& at);

  // Connections (mesh_connections.cpp).
  wire::session_config greeting_for(const net::endpoint& remote);
  void adopt(std::unique_ptr<net::stream> stream, const origin& from);
  void refuse_to_leave(const net::endpoint& remote, const origin& from);
  void begin(std::unique_ptr<net::stream> stream, const origin& from, connection*& made);
  void make_room_for_handshakes();
  bool close_a_handshake();
  bool is_arbiter(const connection& c) const;
  void close_rivals(const connection& winner);
  void claim(connection& c, bool proven);
  void settle_claims(const std::string& node, bool holder_lives);
  void admit(const succession& claims);
  void refuse_claim(connection& claimant, const connection& holder);
  void handshake_ended(connection& c, const error& why);
  void attempt_ended(const origin& from, const error& why);
  void log_handshake(const connection& c, const error& why);
  void data_ready(connection& c);
  void deliver(const wire::destination& to, message&& m);
  void deliver_by_name(const wire::destination& to, message&& m);
  void node_packet(connection& c, const message& m);
  void retire(connection& c);

  void named(connection& c) override;
  void verified(connection& c) override;
  void ready(connection& c) override;
  void packet(connection& c, const wire::destination& to, message&& m) override;
  void holds(connection& c, std::ptrdiff_t more) override;
  void refused(connection& c, std::string_view port, const message& m, const error& why) override;
  void much_queued(connection& c) override;
  void drained(connection& c) override;
  void closed(connection& c, const error& why) override;

  void seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream> stream) override;
  void seed_failed() override;
  bool is_in_touch(const std::string& node) const override {
    return const_cast<mesh*>(this)->leg_to(node) != nullptr;
  }
  bool is_up(const std::string& node) const override;
  std::size_t up_count() const override { return up_count_; }
  std::size_t known_count() const override { return peers_.size(); }
  core::duration wait_for(const std::string& node) const override {
    return backoff_.wait_for(node, worker_.now());
  }

  void tell(const std::string& node, std::string_view port, const message& m) override;
  bool is_seed(const std::string& node) const override { return seeds_.is_seed(node); }
  bool tries_seeds() const override { return seeds_.trying(); }
  std::vector<std::string> listening_at() const override;
  std::vector<std::string> addresses_of(const std::string& node) const override;
  void learn_addresses(const std::string& node, const std::vector<std::string>& addresses) override;
  void want_connection(const std::string& node) override { connect(node); }
  void has_no_address(const std::string& node) override;
  void is_behind(const std::string& node, const std::vector<std::string>& relays) override;

  connection* leg_to(const std::string& node) override;
  void circuit_came(std::unique_ptr<net::stream> stream, const std::string& through) override;

  void on_idle() override { dead_.clear(); }

  detail::local_node& node_;
  core::worker& worker_;
  net::transport& network_;
  const settings settings_;
  dice dice_;
  bool started_ = false;
  bool over_ = false;
  bool door_closed_ = false;

  std::vector<std::unique_ptr<net::listener>> listeners_;
  std::unordered_map<connection*, std::unique_ptr<connection>> connections_;
  std::uint64_t connections_made_ = 0;
  std::map<std::uint64_t, connection*> handshaking_;  // those that are not ready, by number
  std::uint64_t questions_asked_ = 0;
  std::size_t handshakes_ = 0;                     // incoming connections that are not ready
  std::vector<std::unique_ptr<connection>> dead_;  // until no event of theirs is running any more
  peer_map peers_;
  std::set<std::string> dialling_;  // the peers that are being looked for
  way latest_;
  std::size_t up_count_ = 0;
  std::size_t waiting_ = 0;      // bytes, for all nodes that are being connected
  std::ptrdiff_t received_ = 0;  // bytes, of messages that are not complete
  wish_accounts wishes_of_others_;
  std::unordered_map<std::string, std::vector<net::endpoint>> routes_;
  backoff backoff_;
  seeds seeds_;
  relay relay_;
  std::unique_ptr<directory> directory_;  // null: no global protocol is spoken
  data_server* data_ = nullptr;

  mutable std::mutex names_mutex_;
  std::map<std::string, const peer*, std::less<>>
      names_;  // of peers_, for other threads; an alias has its node's
};

}  // namespace aemp::mesh
