// A network in memory: hosts with names and addresses, and the connections between what runs on them. It
// replaces the kernel's TCP and the name server, keeps TCP's promises (in order, nothing lost, nothing twice,
// until it breaks) and, like TCP, promises no more: bytes arrive late and cut into other pieces than they
// were written in.
//
// It is driven from outside. Either in time: next_event() says when something happens, the driver moves the
// clock there, and step() lets it happen. Or by schedule (network_settings::scheduled): choices() are all the
// things that may happen next, and take() lets one of them happen. What happened is handed to the processes,
// each of which runs its callbacks when it is polled (sim/connection.hpp).
//
// One thread. All chance comes from the seed: same seed, same calls, same everything.
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
  std::vector<std::string> addresses;  // the first of each family is where its connections come from
  bool silent = false;                 // the machine is off: it neither takes nor answers anything
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
  // Outlives all transports and what they gave out.
  ~network();

  // Addresses are numeric; none: the next of 10.0.0.1, 10.0.0.2, and so on. Throws std::invalid_argument when
  // the name or an address is taken.
  void add_host(const std::string& name, std::vector<std::string> addresses = {});
  bool has_host(const std::string& name) const { return hosts_.contains(name); }
  // A process on that host, which is added if it is new. Switches a silent host on again; what was connected
  // to it is not known there any more.
  std::shared_ptr<process> start_process(const std::string& host);

  // ---- in time ----

  // When something happens next; empty: never, unless somebody acts.
  std::optional<core::time_point> next_event() const;
  // One event that is due; of several at the same moment, any. False: there is none.
  bool step();

  // ---- by schedule ----

  // What may happen next, each named by connection, direction and number, so that it has the same name in
  // every order.
  std::vector<choice> choices() const;
  void take(std::size_t which);
  // Lets connections end that waited too long. step() does it too.
  bool expire();

  // ---- trouble ----

  // Between each of `one` and each of `other` nothing gets through, either way, until heal(). Connections
  // stay open; TCP repeats what was sent, so it arrives after heal() unless the time limits are over by then.
  void partition(const std::vector<std::string>& one, const std::vector<std::string>& other);
  void heal();
  // Breaks all connections between two hosts: what is under way is lost, both ends are reset.
  void cut(const std::string& one, const std::string& other);
  // A name in the name server, beside those of the hosts, which it may replace; no addresses: there is no
  // such name.
  void set_name(const std::string& name, std::vector<std::string> addresses);
  // While it is silent, nobody who asks hears anything, then or later.
  void silence_name_server(bool silent) noexcept { names_silent_ = silent; }
  // One way. The other way is another link.
  void set_link(const std::string& from, const std::string& to, link l);
  link link_between(const std::string& from, const std::string& to) const;

  // Every event, as a line, when it happens. For people, and to compare runs.
  void trace_to(std::function<void(std::string_view)> sink) { trace_ = std::move(sink); }

  std::size_t connection_count() const noexcept { return connections_.size(); }
  // What arrived so far, and how many bytes of it were data.
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
  // Something about the connection is another now: what arrives next, who waits, who is gone.
  void look_at(connection& c);
  std::shared_ptr<listening> listener_at(host& at, const net::endpoint& place) const;
  // From now on nothing the process does has an effect, and no callback runs. `silently`: the host is off,
  // and nobody is told.
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
  std::map<std::string, std::vector<std::string>> names_;  // beside those
  bool names_silent_ = false;
  std::map<std::pair<std::string, std::string>, link> links_;
  std::unordered_map<std::string, host*> hosts_by_address_;
  std::vector<partition_of_two> partitions_;
  // In the order in which they were dialled, which is that of their numbers.
  std::map<std::uint64_t, std::shared_ptr<connection>> connections_;
  std::uint64_t connections_made_ = 0;
  std::vector<std::uint64_t> dead_;
  agenda<direction> arrivals_;  // what gets through
  agenda<direction> limits_;    // when TCP gives up, for what does not
  traffic carried_;
  std::function<void(std::string_view)> trace_;
};

}  // namespace aemp::sim
