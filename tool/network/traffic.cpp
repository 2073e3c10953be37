#include "tool/network/traffic.hpp"

#include <utility>

namespace aemp::tool {
namespace {

double number(const value& v) { return v.to<double>().value_or(0); }

value known(const std::optional<double>& n) { return n ? value(*n) : value(); }

void add(std::optional<double>& sum, const std::optional<double>& n) {
  if (n) sum = sum.value_or(0) + *n;
}

}  // namespace

void counter::see(double n, double now) {
  rate_.reset();
  if (seen_ && n >= last_ && now > at_) rate_ = (n - last_) / (now - at_);
  last_ = n;
  at_ = now;
  seen_ = true;
}

void traffic::begin_turn() {
  std::erase_if(nodes_, [this](const auto& e) { return e.second.turn != turn_; });
  ++turn_;
}

void traffic::seen(const std::string& node) { nodes_[node].turn = turn_; }

void traffic::told(const std::string& node, const value& facts, double now) {
  entry& e = nodes_[node];
  e.turn = turn_;
  e.facts = facts;
  e.delivered.see(number(facts["delivered"]), now);
}

std::vector<std::string> traffic::told(const std::string& node, const value::array& connections, double now,
                                       double took) {
  entry& e = nodes_[node];
  e.turn = turn_;
  e.round_trip = took;
  std::map<std::uint64_t, link> links;
  std::vector<std::string> peers;
  for (const value& c : connections) {
    const std::string peer = c["node"].to_string();
    if (peer == self_) continue;
    peers.push_back(peer);
    const auto key = c["number"].to<std::uint64_t>().value_or(0);
    const auto before = e.links.find(key);
    link& l = links[key];
    if (before != e.links.end()) l = std::move(before->second);
    l.peer = peer;
    l.dialled = c["dialled"] == value(true);
    l.queued = number(c["queued"]);
    l.round_trip = c["round_trip"].to<double>();
    l.packets.see(number(c["packets_in"]) + number(c["packets_out"]), now);
    l.bytes_in.see(number(c["bytes_in"]), now);
    l.bytes_out.see(number(c["bytes_out"]), now);
  }
  e.links = std::move(links);
  return peers;
}

std::vector<node_row> traffic::nodes() const {
  std::vector<node_row> rows;
  for (const auto& [name, e] : nodes_) {
    node_row& row = rows.emplace_back(node_row{.node = name});
    if (e.facts.is_null()) continue;
    row.told = true;
    row.messages = e.delivered.rate();
    row.round_trip = e.round_trip;
    row.ports = number(e.facts["ports"]);
    row.uptime = number(e.facts["uptime"]);
    const value workers = e.facts["workers"];
    for (std::size_t i = 0; i < workers.size(); ++i) row.waiting += number(workers[i]["waiting"]);
    row.peers = static_cast<double>(e.links.size());
    for (const auto& [key, l] : e.links) {
      row.queued += l.queued;
      add(row.bytes_in, l.bytes_in.rate());
      add(row.bytes_out, l.bytes_out.rate());
    }
  }
  return rows;
}

std::vector<connection_row> traffic::connections() const {
  std::map<std::pair<std::string, std::string>, const link*> best;  // by node and peer
  for (const auto& [name, e] : nodes_) {
    for (const auto& [key, l] : e.links) {
      const auto other = best.find({l.peer, name});
      if (other == best.end()) {
        best.insert_or_assign({name, l.peer}, &l);
      } else if (l.dialled && !other->second->dialled) {
        best.erase(other);
        best.insert_or_assign({name, l.peer}, &l);
      }
    }
  }
  std::vector<connection_row> rows;
  for (const auto& [pair, l] : best) {
    rows.push_back({pair.first, pair.second, l->packets.rate(), l->bytes_in.rate(), l->bytes_out.rate(),
                    l->queued, l->round_trip});
  }
  return rows;
}

value json_of(const std::vector<node_row>& nodes, const std::vector<connection_row>& connections) {
  value::array all_nodes, all_connections;
  for (const node_row& n : nodes) {
    value::map facts = {{"node", n.node}, {"told", n.told}};
    if (n.told) {
      facts.insert({{"messages", known(n.messages)},
                    {"bytes_in", known(n.bytes_in)},
                    {"bytes_out", known(n.bytes_out)},
                    {"waiting", n.waiting},
                    {"queued", n.queued},
                    {"round_trip", known(n.round_trip)},
                    {"ports", n.ports},
                    {"peers", n.peers},
                    {"uptime", n.uptime}});
    }
    all_nodes.emplace_back(std::move(facts));
  }
  for (const connection_row& c : connections) {
    all_connections.emplace_back(value::map{{"node", c.node},
                                            {"peer", c.peer},
                                            {"messages", known(c.messages)},
                                            {"bytes_in", known(c.bytes_in)},
                                            {"bytes_out", known(c.bytes_out)},
                                            {"queued", c.queued},
                                            {"round_trip", known(c.round_trip)}});
  }
  return value(
      value::map{{"nodes", value(std::move(all_nodes))}, {"connections", value(std::move(all_connections))}});
}

}  // namespace aemp::tool
