// A world for tests: nodes, a network between them, and time, all in one thread and from one seed. Nothing
// sleeps, a minute takes as long as what happens in it, and the same seed gives the same run, event for
// event.
//
//     aemp::sim::world w(42);
//     aemp::node& a = w.make_node("alpha", {.binds = {"alpha:4040"}});
//     aemp::node& b = w.make_node("beta", {.seeds = {"alpha:4040"}});
//     …
//     ASSERT_TRUE(w.run_until([&] { return answered; }, 5s));
//     w.partition({"alpha"}, {"beta"});
//
// Nodes run when the world runs, and never by node::run(), which throws std::logic_error here. All calls are
// made on the thread that made the world. The free functions (snd, rcv, …) belong to a node inside its
// callbacks only; outside, use the members of the node.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/config.hpp>
#include <aemp/node.hpp>
#include <aemp/sim/explore.hpp>
#include <aemp/sim/settings.hpp>

namespace aemp::sim {

// How a node dies without a word of its own.
enum class death {
  crash,   // the process: its host closes the connections, so the others hear of it
  vanish,  // the machine: nobody hears anything, until time limits are over or a new node is made on the host
};

class world {
 public:
  // In time, with latencies and everything else by chance.
  explicit world(std::uint64_t seed, network_settings settings = {});
  // By schedule: `next` is asked each time the network could do more than one thing next. Time moves only
  // when nothing is under way. The chooser outlives the world.
  explicit world(chooser& next, network_settings settings = {});
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  // Kills the nodes that are left, in the order in which they were made.
  ~world();

  // A node on that host, which is added if it is new: with the next address of 10.0.0.1, 10.0.0.2, and so on.
  // Without a secret and without a certificate it gets a secret that all nodes of the world share, so no file
  // is read; without a node ID, one with the host's name. Several workers take turns, in an order by chance.
  // Throws what node's constructor throws, and std::invalid_argument for zero workers.
  node& make_node(const std::string& host, config settings = {});
  // For a host with other addresses, or several; numeric, IPv4 or IPv6. Throws std::invalid_argument when the
  // name or an address is taken.
  void add_host(const std::string& name, std::vector<std::string> addresses = {});

  // Destroys the node, without goodbye. Throws std::invalid_argument for a node that is not of this world,
  // and for a machine that is to vanish while other nodes live on it.
  void kill(node& n, death how = death::crash);

  // ---- time ----
  // None of these may be called by something that the world runs: that throws std::logic_error. They throw
  // std::runtime_error when the nodes do not come to rest although time stands still: two ports that send
  // each other messages for ever.

  // Until `reached` says true, which is asked after every step, or until so much time has passed. Whether it
  // was reached.
  bool run_until(const std::function<bool()>& reached, std::chrono::nanoseconds at_most);
  void run_for(std::chrono::nanoseconds time);
  // Until there is nothing left to do at this moment. What is under way with a latency stays under way.
  void settle();
  // Since the world began.
  std::chrono::nanoseconds elapsed() const;

  // ---- trouble ----
  // All throw std::invalid_argument for hosts that do not exist.

  // Between each of `one` and each of `other` nothing gets through, until heal(). Connections stay open, and
  // what is sent arrives after heal(), unless somebody's time limit is over by then.
  void partition(const std::vector<std::string>& one, const std::vector<std::string>& other);
  void heal();
  // Breaks all connections between two hosts: what is under way is lost, both ends are reset.
  void cut(const std::string& one, const std::string& other);
  // What the name server says of a name, beside those of the hosts: for seeds that move. No addresses: there
  // is no such name.
  void set_name(const std::string& name, std::vector<std::string> addresses);
  // A silent one: who asks hears nothing, then or later.
  void silence_name_server(bool silent);
  // One way; the other way is another link. For slow, narrow and frozen ones.
  void set_link(const std::string& from, const std::string& to, link l);

  // For nodes, between runs; they throw std::invalid_argument for a node that is not of this world.

  // Its threads stop where they are, and its host goes on: takes connections, takes bytes until it is full.
  void freeze(node& n);
  void thaw(node& n);
  // Each of its workers has one turn in that time at most: a slow reader, a busy machine. Zero: as it was.
  void slow_down(node& n, std::chrono::nanoseconds between_turns);
  // So many connections at most may it have open, dialled and accepted; what it cannot accept waits.
  void set_descriptors(node& n, std::size_t most);
  // What its calendar says, to node::now() too, jumps; its steady clock does not.
  void step_calendar(node& n, std::chrono::nanoseconds by);

  // ---- looking on ----

  // Every event of the network as a line: time, the connection as dialler#number, > or < for from or to the
  // dialler, the number of what arrives in that direction, its kind, and how many bytes.
  void trace_to(std::function<void(std::string_view)> sink);
  // Connections that at least one end still has.
  std::size_t connection_count() const;
  // Of data, on all connections since the world began, with what TLS and framing add.
  std::uint64_t bytes_carried() const;
  // Whatever arrived: SYNs, pieces of data, ends, resets.
  std::uint64_t events_carried() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace aemp::sim
