// A network in memory: hosts with names and addresses, and the connections between what runs on them. It
// replaces the kernel's TCP and the name server. It keeps TCP's promises (in order, nothing lost, nothing
// twice, until the connection breaks) and, like TCP, no more: bytes arrive late and cut into other pieces
// than they were written in.
//
// It is driven from outside, in one of two ways. In time: next_event() says when something happens, the
// driver moves the clock there, and step() lets it happen. By schedule (network_settings::scheduled):
// choices() are all the things that may happen next, and take() lets one of them happen. Either way the
// results are handed to the processes, and each runs its callbacks when it is polled (sim/connection.hpp).
//
// One thread. All randomness comes from the seed: same seed and same calls give the same run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/endpoint.hpp"
#include "net/transport.hpp"
#include "sim/agenda.hpp"
#include "sim/chance.hpp"
#include "sim/clock.hpp"
#include "sim/explore.hpp"
#include "sim/settings.hpp"

namespace aemp::sim {

class connection;
struct process;
struct listening;

struct host {
  std::string name;
  std::vector<std::string> addresses;  // connections come from the first of each family
  bool silent = false;                 // the machine is off: it neither accepts nor answers anything
  unsigned processes = 0;              // started so far
  std::uint16_t next_port = 32768;
  std::vector<std::shared_ptr<listening>> listeners = {};
};

struct traffic {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

// The side of a connection that something comes from.
struct direction {
  connection* on;
  int from;
};

class network {
 public:
  network(clock& time, std::uint64_t seed, network_settings settings = {});
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  // Must outlive all transports and what they gave out.
  ~network();

  // Addresses are numeric; without any, the next of 10.0.0.1, 10.0.0.2, and so on. Throws
  // std::invalid_argument when the name or an address is taken.
  void add_host(const std::string& name, std::vector<std::string> addresses = {});
  bool has_host(const std::string& name) const { return hosts_.contains(name); }
  // A process on that host, which is added if it is new. Switches a silent host on again; it no longer knows
  // its former connections.
  std::shared_ptr<process> start_process(const std::string& host);

  // ---- in time ----

  // When something happens next. Empty: never, unless somebody acts.
  std::optional<core::time_point> next_event() const;
  // Lets one event happen that is due; of several at the same moment, any. False: there is none.
  bool step();

  // ---- by schedule ----

  // What may happen next. Names have connection, direction and number, so that an event has the same name in
  // every order.
  std::vector<choice> choices() const;
  void take(std::size_t which);
  // Ends connections that have waited too long. step() does it, too.
  bool expire();

  // ---- trouble ----

  // Until heal(), nothing gets through between any host of `one` and any of `other`, either way. Connections
  // stay open. TCP retransmits, so what was sent arrives after heal(), unless a time limit has passed by
  // then.
  void partition(const std::vector<std::string>& one, const std::vector<std::string>& other);
  void heal();
  // Breaks all connections between two hosts: what is under way is lost, and both ends are reset.
  void cut(const std::string& one, const std::string& other);
  // Sets a name in the name server. It may replace the name of a host. No addresses: there is no such name.
  void set_name(const std::string& name, std::vector<std::string> addresses);
  // A silent name server never answers questions that were asked meanwhile.
  void silence_name_server(bool silent) noexcept { names_silent_ = silent; }
  // Sets one direction only; the other direction is another link.
  void set_link(const std::string& from, const std::string& to, link l);
  link link_between(const std::string& from, const std::string& to) const;

  // Reports every event as a line when it happens. For people, and to compare runs.
  void trace_to(std::function<void(std::string_view)> sink) { trace_ = std::move(sink); }

  std::size_t connection_count() const noexcept { return connections_.size(); }
  // What has arrived so far, and how many bytes of it were data.
  const traffic& carried() const noexcept { return carried_; }

  // ---- for connection and transport ----

  const network_settings& settings() const noexcept { return settings_; }
  core::time_point now() const noexcept { return clock_.now(); }
  chance& luck() noexcept { return chance_; }
  host* host_of(std::string_view address);
  host& host_named(const std::string& name);
  std::vector<std::string> addresses_of(const std::string& name) const;  // empty: no such name
  bool names_are_silent() const noexcept { return names_silent_; }
  bool blocked(const host& from, const host& to) const;
  void add(std::shared_ptr<connection> c);
  void accepted_by(process& p, connection& c);
  // Call it when something about the connection has changed: what arrives next, who waits, who is gone.
  void look_at(connection& c);
  std::shared_ptr<listening> listener_at(host& at, const net::endpoint& place) const;
  // From now on nothing that the process does has an effect, and no callback runs. `silently`: the host is
  // off, and nobody is told.
  void kill(process& p, bool silently);

 private:
  struct partition_of_two {
    std::unordered_set<const host*> one, other;
  };

  std::vector<direction> offered() const;
  void let_happen(direction d);
  void look_at_all();
  void forget_dead();

  clock& clock_;
  chance chance_;
  const network_settings settings_;
  std::map<std::string, std::unique_ptr<host>> hosts_;
  std::map<std::string, std::vector<std::string>> names_;  // besides those of the hosts
  bool names_silent_ = false;
  std::map<std::pair<std::string, std::string>, link> links_;
  std::unordered_map<std::string, host*> hosts_by_address_;
  std::vector<partition_of_two> partitions_;
  // By number, and so in the order in which they were dialled.
  std::map<std::uint64_t, std::shared_ptr<connection>> connections_;
  std::uint64_t connections_made_ = 0;
  std::vector<std::uint64_t> dead_;
  agenda<direction> arrivals_;  // what gets through
  agenda<direction> limits_;    // when TCP gives up on what does not
  traffic carried_;
  std::function<void(std::string_view)> trace_;
};

}  // namespace aemp::sim
