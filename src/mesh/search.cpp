#include "mesh/search.hpp"

#include <algorithm>

#include "mesh/address.hpp"
#include "mesh/heartbeat.hpp"

namespace aemp::mesh {

search::search(detail::local_node& node, net::transport& network, const settings& s, dice& chance, peers& all,
               routes& places, const backoff& pauses, const listeners& open, const connections& made,
               relay& circuits, membership& members, arrivals& streams, directory* groups)
    : node_(node),
      network_(network),
      settings_(s),
      dice_(chance),
      peers_(all),
      routes_(places),
      backoff_(pauses),
      listeners_(open),
      connections_(made),
      relay_(circuits),
      membership_(members),
      arrivals_(streams),
      directory_(groups) {}

peer* search::reach(std::string_view node) {
  peer& p = peers_.add(node);
  if (p.up != nullptr || p.dial != nullptr) return &p;
  const std::string id = p.id;
  begin(p);
  return peers_.find(id);
}

void search::begin(peer& p) {
  core::worker& worker = node_.network_worker();
  dialler::callbacks tell{[this, id = p.id](const net::endpoint& at, std::unique_ptr<net::stream> s) {
                            arrivals_.adopt(std::move(s), {at, id});
                          },
                          [this, id = p.id](const std::string& tried) { gave_up(id, tried); },
                          [this, id = p.id](const std::string& node) { return dial_through(id, node); }};
  peers_.begin_search(p, std::make_unique<dialler>(worker, network_, settings_, dice_, std::move(tell),
                                                   backoff_.wait_for(p.id, worker.now())));
  const address a = address_of(p.id);
  if (a.what == address::kind::noderef) p.dial->add(a.places);
  if (a.what == address::kind::hidden) {
    if (!is_here(a)) {
      p.dial->add_way(a.master);
    } else if (peer* real = peers_.find_up(a.id)) {
      return membership_.add_alias(p.id, *real);
    }
  }
  p.dial->add(routes_.to(p.id));
  if (directory_ != nullptr && a.what == address::kind::name) directory_->find(p.id);
}

// The node in the middle may have to be connected itself first; then this is tried again when it is up.
result<net::endpoint> search::dial_through(const std::string& node, const std::string& through) {
  const peer* middle = reach(through);
  if (middle == nullptr) return error{"not_connected", "it cannot be reached"};
  if (middle->up == nullptr)
    return error{"not_connected", "it is not connected yet (" + middle->dial->outcomes() + ")"};
  const std::string real = middle->up->peer_id();
  auto stream = relay_.open(node, real);
  if (!stream) return stream.error();
  const net::endpoint at = (*stream)->remote();
  arrivals_.adopt(std::move(*stream), {at, node, {}, real});
  return at;
}

// Whether this node is that master. Then only the hidden node can make the connection.
bool search::is_here(const address& master) const {
  return master.master == node_.id() ||
         std::ranges::any_of(master.places, [this](const place& p) { return listeners_.is_mine(p); });
}

void search::gave_up(const std::string& node, const std::string& tried) {
  std::string why = "unable to connect within " + in_seconds(settings_.monitor_timeout) + " s: ";
  if (!tried.empty()) {
    why += tried;
    if (address_of(node).what == address::kind::hidden)
      why += "; it is a hidden node, which has to be connected to its master there";
  } else if (address_of(node).what == address::kind::hidden) {
    why += "node " + node + " is hidden, and not connected to its master, which is this node";
  } else {
    why += "no known address: node " + node +
           " did not connect by itself, and nothing here says where it is; give an endpoint of it in seeds, "
           "or use its noderef host:port as node ID";
  }
  const auto& handshakes = connections_.handshakes();
  for (auto c = handshakes.begin(); c != handshakes.end();) {
    connection& one = *(c++)->second;
    if (one.from.wanted == node) one.close({"gave_up", why});
  }
  membership_.lose(node, why);
}

void search::learn(const std::string& node, const std::vector<net::endpoint>& places) {
  if (node == node_.id() || places.empty() || !routes_.learn(node, places)) return;
  if (peer* p = peers_.find(node); p != nullptr && p->dial != nullptr) p->dial->add(places);
}

void search::add_ways(const std::string& node, const std::vector<std::string>& through) {
  const peer* p = peers_.find(node);
  if (p == nullptr || p->dial == nullptr) return;
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < std::min(most, through.size()); ++i) p->dial->add_way(through[i]);
}

void search::has_no_address(const std::string& node) {
  const peer* p = peers_.find(node);
  if (p == nullptr || p->up != nullptr || p->dial == nullptr || p->dial->knows_places()) return;
  membership_.lose(node, "no known address: nobody in the network says where node " + node + " is");
}

}  // namespace aemp::mesh
