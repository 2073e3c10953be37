// The global protocol of version 1 (aemp-protocol E). On every connection each side spawns a port at the other,
// the rendezvous port, and tells it where it listens, which other nodes there are, and what is in its groups.
// Every node tells every other about its own ports, so all of them have to be connected. They learn from each
// other where the others are, and most of it from one of them, the master.
//
// A peer can speak for its own ports only, and can make this node dial a limited number of others at a time.
// Belongs to the network worker.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <aemp/port.hpp>

#include "core/local_node.hpp"
#include "core/own_timer.hpp"
#include "core/registry.hpp"
#include "mesh/dice.hpp"
#include "mesh/directory_owner.hpp"
#include "mesh/settings.hpp"

namespace aemp::mesh {

class global1 {
 public:
  struct callbacks {
    std::function<void(const std::string& node, const core::family_change&)> changed;  // a peer's groups
    std::function<void(const std::string& node)> forgotten;  // a peer has none any more
    std::function<void()> told;                              // a peer has told what it had when it came
  };

  global1(detail::local_node& node, const settings& s, dice& chance, directory_owner& owner, callbacks tell);
  global1(const global1&) = delete;
  global1& operator=(const global1&) = delete;
  ~global1();

  // Nodes that speak version 1. `translates`: it is a node of this library that also speaks version 2, and
  // may register ports of nodes that do not speak version 1.
  void node_up(const std::string& node, bool translates);
  // It is up, and speaks the other version: the search for it, if a peer has named it, is over.
  void other_up(const std::string& node) { dialled_.erase(node); }
  // It was dialled as a seed, but is connected already.
  void seed_named(const std::string& node);
  bool has_seed() const;
  // This node listens elsewhere now.
  void moved();
  void node_gone(const std::string& node);  // any node: lost, or not reached
  bool has(const std::string& node) const { return peers_.contains(node); }
  bool empty() const noexcept { return peers_.empty(); }
  // Whether a seed has told what it knows; and whether somebody is about to.
  bool has_answer() const;
  bool is_pending() const;
  // Such a node spawns its rendezvous port here. `m` is the whole spawn message.
  void spawn(const std::string& node, const message& m);

  // What the peers are told to be in groups: a port of this node, or of one that it speaks for.
  void announce(const std::string& group, const std::string& port);
  void withdraw(const std::string& group, const std::string& port);
  // Where a node is that speaks version 2 and can talk to these peers, too. No addresses: it is gone.
  void introduce(const std::string& node, const std::vector<std::string>& addresses);

  const std::string& master() const noexcept { return master_; }

 private:
  struct peer {
    std::string ours;  // our rendezvous port there, by name
    bool translates = false;
    std::string theirs = {};  // theirs here; empty: none yet
    aemp::monitor watch = {};
    bool gone = false;         // our rendezvous port has died, so there is nobody to talk to
    bool told = false;         // it has sent its addresses
    bool set_up = false;       // and its groups
    bool wants_nodes = false;  // seedme1
    std::vector<std::string> addresses = {};
    std::map<std::string, std::set<std::string>> groups = {};
    std::size_t weight = 0;
  };
  using handler = void (global1::*)(const std::string& node, peer& p, const message& m);

  void open_port(const std::string& node, const std::string& name);
  void on_addr(const std::string& node, peer& p, const message& m);
  void on_nodes(const std::string& node, peer& p, const message& m);
  void on_set(const std::string& node, peer& p, const message& m);
  void on_reg1(const std::string& node, peer& p, const message& m);
  void on_reg0(const std::string& node, peer& p, const message& m);
  void on_setup(const std::string&, peer& p, const message&);
  void on_find(const std::string& node, peer& p, const message& m);
  void on_seedme1(const std::string& node, peer& p, const message& m);
  void on_seedme0(const std::string&, peer& p, const message&) { p.wants_nodes = false; }
  void malformed(const std::string& node, const message& m);

  void add(const std::string& node, peer& p, const std::string& group, const std::vector<std::string>& ports);
  void forget_groups(const std::string& node, peer& p);
  void say(const std::string& node, std::vector<value> elements);
  void say_to_all(const std::vector<value>& elements);
  value::map known_addresses() const;
  void pass_on(const std::string& node);
  bool is_better(const std::string& node) const;
  std::string choose_master() const;
  void become_slave_of(const std::string& node);
  void log(const std::string& node, int level, const std::string& text);

  detail::local_node& node_;
  core::worker& worker_;
  const settings& settings_;
  dice& dice_;
  directory_owner& owner_;
  const callbacks tell_;
  node_functions api_;

  std::map<std::string, peer> peers_;
  std::map<std::string, std::vector<std::string>> introduced_;
  std::map<std::string, std::set<std::string>> announced_;
  std::set<std::string> dialled_;  // because a peer named them; neither up nor given up yet
  std::map<std::string, std::unique_ptr<core::own_timer>> pass_on_;
  std::string master_;
};

}  // namespace aemp::mesh
