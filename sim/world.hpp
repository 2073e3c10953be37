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
// Nodes run when the world runs; node::run() throws std::logic_error here. Make all calls on the thread that
// made the world. Inside a node's callbacks the free functions (snd, rcv, …) act on that node; outside, use
// the members of the node.
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

// How a node dies without a goodbye.
enum class death {
  crash,   // the process: its host closes the connections, so the others hear of it
  vanish,  // the machine: nobody hears anything, until time limits are over or a new node is made on the host
};

class world {
 public:
  // In time: latencies and everything else are random.
  explicit world(std::uint64_t seed, network_settings settings = {});
  // By schedule: `next` is asked each time the network could do more than one thing next. Time moves only
  // when nothing is under way. The chooser must outlive the world.
  explicit world(chooser& next, network_settings settings = {});
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  // Kills the remaining nodes, in the order in which they were made.
  ~world();

  // Makes a node on that host, which is added if it is new, with the next address of 10.0.0.1, 10.0.0.2, and
  // so on. Without a secret and a certificate the node gets a secret that all nodes of the world share, so no
  // file is read; without a node ID, it gets the host's name. Several workers take turns in a random order.
  // Throws what node's constructor throws, and std::invalid_argument for zero workers.
  node& make_node(const std::string& host, config settings = {});
  // For a host with other or several addresses; numeric, IPv4 or IPv6. Throws std::invalid_argument when the
  // name or an address is taken.
  void add_host(const std::string& name, std::vector<std::string> addresses = {});

  // Destroys the node without a goodbye. Throws std::invalid_argument for a node that is not of this world,
  // and for a machine that is to vanish while other nodes live on it.
  void kill(node& n, death how = death::crash);

  // ---- time ----
  // None of these may be called from inside what the world runs: that throws std::logic_error. They throw
  // std::runtime_error when the nodes do not come to rest although time stands still: two ports that send
  // each other messages forever.

  // Runs until `reached` returns true, which is asked after every step, or until so much time has passed.
  // Returns whether it was reached.
  bool run_until(const std::function<bool()>& reached, std::chrono::nanoseconds at_most);
  void run_for(std::chrono::nanoseconds time);
  // Runs until there is nothing left to do at this moment. What is under way with a latency stays under way.
  void settle();
  // Time since the world began.
  std::chrono::nanoseconds elapsed() const;

  // ---- trouble ----
  // All throw std::invalid_argument for hosts that do not exist.

  // Until heal(), nothing gets through between any host of `one` and any of `other`. Connections stay open,
  // and what is sent arrives after heal(), unless somebody's time limit has passed by then.
  void partition(const std::vector<std::string>& one, const std::vector<std::string>& other);
  void heal();
  // Breaks all connections between two hosts: what is under way is lost, and both ends are reset.
  void cut(const std::string& one, const std::string& other);
  // Sets what the name server answers for a name, besides those of the hosts; for seeds that move. No
  // addresses: there is no such name.
  void set_name(const std::string& name, std::vector<std::string> addresses);
  // A silent name server never answers questions that were asked meanwhile.
  void silence_name_server(bool silent);
  // Sets one direction only; the other direction is another link. For slow, narrow and frozen links.
  void set_link(const std::string& from, const std::string& to, link l);

  // For nodes, between runs. They throw std::invalid_argument for a node that is not of this world.

  // Stops the node's threads where they are. Its host goes on: it accepts connections, and bytes until it is
  // full.
  void freeze(node& n);
  void thaw(node& n);
  // Gives each worker at most one turn in that time: a slow reader, a busy machine. Zero: as before.
  void slow_down(node& n, std::chrono::nanoseconds between_turns);
  // Limits the connections that it may have open, dialled and accepted. What it cannot accept waits.
  void set_descriptors(node& n, std::size_t most);
  // Makes its calendar jump, for node::now(), too; its steady clock does not.
  void step_calendar(node& n, std::chrono::nanoseconds by);

  // ---- looking on ----

  // Reports every event of the network as a line: time, the connection as dialler#number, > or < for from or
  // to the dialler, the number of what arrives in that direction, its kind, and how many bytes.
  void trace_to(std::function<void(std::string_view)> sink);
  // The number of connections that at least one end still has.
  std::size_t connection_count() const;
  // Bytes of data on all connections since the world began, with what TLS and framing add.
  std::uint64_t bytes_carried() const;
  // The number of things that arrived: SYNs, pieces of data, ends, resets.
  std::uint64_t events_carried() const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace aemp::sim
