// The network of one node, as its core sees it (core::gateway): messages go out to ports of other nodes, and
// what their nodes send comes in. The mesh connects to a node when somebody wants to reach it, and tells the
// core when that is lost. It is made of the nouns that are its members, and connects them to each other.
//
// What it promises (aemp-protocol B.6): messages to a node arrive in the order in which they were given to the
// mesh, or the node is lost. Then everything that waits for it is dropped, and local_node::node_lost is called
// before anything else is sent there.
//
// Belongs to the network worker, except known_nodes() and unsent(), which any thread may call. The node's core
// and the transport outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/gateway.hpp"
#include "core/local_node.hpp"
#include "mesh/admission.hpp"
#include "mesh/arrivals.hpp"
#include "mesh/backoff.hpp"
#include "mesh/connections.hpp"
#include "mesh/data_handover.hpp"
#include "mesh/dice.hpp"
#include "mesh/directory.hpp"
#include "mesh/directory_access.hpp"
#include "mesh/introduction.hpp"
#include "mesh/last_way.hpp"
#include "mesh/link_facts.hpp"
#include "mesh/listeners.hpp"
#include "mesh/membership.hpp"
#include "mesh/outcomes.hpp"
#include "mesh/peers.hpp"
#include "mesh/quotas.hpp"
#include "mesh/relay.hpp"
#include "mesh/routes.hpp"
#include "mesh/search.hpp"
#include "mesh/seeds.hpp"
#include "mesh/settings.hpp"
#include "net/transport.hpp"

namespace aemp::mesh {

class mesh final : public core::gateway, traffic_events, membership_events, seed_owner, relay_owner {
 public:
  // Nothing is opened yet. Throws std::invalid_argument when no greeting can be made of these settings.
  mesh(detail::local_node& node, net::transport& network, settings s, dice::source random);
  mesh(const mesh&) = delete;
  mesh& operator=(const mesh&) = delete;
  ~mesh() override;

  // Listens on all of these places, or on none (listeners.hpp).
  result<std::vector<net::endpoint>> listen(const std::vector<net::endpoint>& at);
  std::vector<net::endpoint> listening() const { return listeners_.places(); }

  // When the worker begins to run: dials the seeds.
  void start();
  // The node has another ID now. All connections end, and are made anew under that ID.
  void renamed();
  // Places to which this node, which listens nowhere, is to be connected at any time.
  void follow(const std::vector<net::endpoint>& master) { seeds_.add_masters(master); }
  // Where a node can be dialled. Used from the next wish to connect on, and for one that there is already.
  void learn(const std::string& node, const std::vector<net::endpoint>& places) {
    search_.learn(node, places);
  }
  // The wish to be connected, without a message.
  void connect(const std::string& node) { (void)search_.reach(node); }

  // Who serves data connections; it outlives the mesh. Until then nobody does.
  void serve_data(data_server& s) noexcept { data_.serve(s); }
  // Dials a data connection with a node. Its server is told what becomes of it.
  std::unique_ptr<net::attempt> dial_data(const net::endpoint& at, const std::string& node,
                                          const std::string& id);
  // Where a node can be dialled, as far as anybody has said so.
  std::vector<net::endpoint> places_of(const std::string& node) const;
  // Maps an alias, a noderef, to the node's own ID. Any other name stays as it is.
  std::string real_name(const std::string& node) const { return peers_.real_name(node); }

  // For those who look from outside (link_facts.hpp).
  std::vector<link_facts> links_after(std::uint64_t number, std::size_t most) const {
    return aemp::mesh::links_after(node_, peers_, number, most);
  }
  std::vector<wish_facts> wishes(std::size_t most) const { return wishes_in(peers_, most); }

  void send(const port_id& to, message&& m, core::epoch heard) override;
  bool send_again(const port_id& to, const message& m) override;
  void pass_on(const std::string& from, const port_id& to, message&& m) override;
  void kill(const port_id& port, message reason, core::epoch heard) override;
  void ask(const port_id& port, const message& question, core::epoch heard) override;
  void monitor(const port_id& port) override;
  void unmonitor(const port_id& port) override;
  std::size_t unsent(const std::string& node) const override { return peers_.unsent(node); }
  void when_drained(detail::owned& o) override;
  bool is_modern(const std::string& node) const override;
  bool may_be_in(const std::string& node, std::string_view group) const override;
  std::vector<std::string> known_nodes() const override { return peers_.known_nodes(); }
  void close_door() override;
  std::size_t unsent_in_all() const override { return quotas_.waiting() + connections_.queued(); }
  void leave() override;
  bool is_finishing() const override { return network_.finishing() != 0; }
  void close() override;

 private:
  // Out.
  bool is_stale(core::epoch heard, std::string_view node, std::string_view port) const;
  void put(std::string_view node, backlog::packet packet);

  // In.
  void packet(connection& c, const wire::destination& to, message&& m) override;
  void deliver(const wire::destination& to, message&& m);
  void deliver_by_name(const wire::destination& to, message&& m);
  void node_packet(connection& c, const message& m);
  void holds(connection& c, std::ptrdiff_t more) override { connections_.count_held(c, more); }
  void refused(connection& c, std::string_view port, const message& m, const error& why) override;
  void much_queued(connection&) override { connections_.check_queued(quotas_.waiting()); }
  void drained(connection& c) override;

  // Who is up.
  void came_up(connection& c) override;
  void lost(const std::string& node, bool was_up, const std::string& why) override;

  // Streams.
  void seed_dialled(const net::endpoint& at, std::unique_ptr<net::stream> stream) override;
  void seed_failed() override;
  connection* leg_to(const std::string& node) override { return peers_.leg_to(node); }
  void circuit_came(std::unique_ptr<net::stream> stream, const std::string& through) override;

  detail::local_node& node_;
  core::worker& worker_;
  net::transport& network_;
  const settings settings_;
  dice dice_;
  bool started_ = false;
  bool over_ = false;
  bool door_closed_ = false;

  // Each may use those above it. Those that are given *this, or something below them, call it later only.
  connections connections_;
  peers peers_;
  last_way latest_;
  quotas quotas_;
  routes routes_;
  listeners listeners_;
  introduction introduction_;
  backoff backoff_;
  seeds seeds_;
  relay relay_;
  directory_access directory_access_;
  std::unique_ptr<directory> directory_;  // null: no global protocol is spoken
  membership membership_;
  data_handover data_;
  outcomes outcomes_;
  admission admission_;
  arrivals arrivals_;
  search search_;
};

}  // namespace aemp::mesh
