// What a node is made with. Everything has a default; an empty configuration is a private node, which opens
// nothing. What the configuration file says about the node's profile counts more than what is here, unless
// `force` (docs/configuration.md).
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <aemp/limits.hpp>
#include <aemp/message.hpp>

namespace aemp {

// A list that knows whether it was given at all: no binds is something else than an empty list of binds.
class string_list {
 public:
  string_list() : items_(std::in_place) {}  // given, and empty
  static string_list not_given() {
    string_list list;
    list.items_.reset();
    return list;
  }
  string_list(std::initializer_list<std::string> items) : items_(items) {}
  string_list(std::vector<std::string> items) : items_(std::move(items)) {}

  bool given() const noexcept { return items_.has_value(); }
  const std::vector<std::string>& items() const noexcept {
    static const std::vector<std::string> none;
    return items_ ? *items_ : none;
  }

 private:
  std::optional<std::vector<std::string>> items_;
};

struct config {
  std::string profile =
      {};  // named settings in the configuration file; default: those with the host's name, if there are any
  std::string nodeid =
      {};  // "anon/" is completed at random; default: the profile or host name, completed at random

  // Endpoints to listen on, "host:port" ("*" for every address of this machine, port "*" or 0 for any). Given
  // but empty: listen nowhere, only connect. Default: 127.0.0.1:*, so that nobody is reachable from outside
  // by accident. A node for which none of profile, nodeid, binds and seeds is given is private.
  string_list binds = string_list::not_given();
  string_list seeds = string_list::not_given();  // endpoints of nodes to connect to, "host:port"

  std::optional<std::string> secret = {};  // shared by all nodes; default: the file ~/.aemp-secret, else none
  std::string cert = {};                   // PEM text: certificate(s) and key; then connections are TLS 1.3

  // A secret of less than 16 bytes can be found out by trying, by whoever listens to a connection. A node
  // that listens at, or has seeds at, other addresses than the loopback's does not start with one, and makes
  // no connections there, unless:
  bool allow_weak_secret = false;

  // Whether connections that are not TLS by certificates are encrypted with a key made from the secret.
  // "auto", the default: with nodes of this library, except between loopback addresses. "required":
  // nobody connects in the clear. "off": never. (docs/configuration.md)
  std::string encryption = {};

  std::optional<std::chrono::nanoseconds> monitor_timeout =
      {};  // default 30 s: unreachable that long is dead
  std::optional<std::chrono::nanoseconds> connect_interval = {};  // default 2 s between attempts

  // Best first. Defaults: framing aemp1, cbor, json, storable; every authentication that protects the secret.
  string_list framing_format = string_list::not_given();
  string_list auth_offer = string_list::not_given();
  string_list auth_accept =
      string_list::not_given();  // add "cleartext" to let nodes in that send the secret as it is

  // A global node, one that holds the whole database, from the start; without it, a node becomes one when
  // somebody has it as a seed (I.5).
  bool global = false;
  // The versions of the global protocol to speak: "1", "2". Default: both, with each peer the one that it
  // speaks.
  string_list global_versions = string_list::not_given();

  // Functions to call when run() first begins, by the name under which they were defined, with arguments:
  // {message("chat::serve", 7)}. (aemp-protocol B.8)
  std::vector<message> services = {};

  bool secure =
      false;  // no function is called here because another node wants it to, and so nothing is spawned (I.4)

  // Whether other nodes may look at this one: its ports, queues, connections and groups, but nothing that is
  // sent (docs/protocol.md, "inspect"). Default: unless secure.
  std::optional<bool> inspect = {};

  std::optional<unsigned> workers = {};  // threads; default 1; 0: one per core

  // The network has a thread of its own, beside the workers. Then a handler that blocks for a minute costs no
  // connection: heartbeats go on, and what comes is read. Without it, the first worker does both, and looks
  // after the network at least every 10 ms between handlers. Costs a message to or from another node the way
  // between two threads.
  bool network_thread = false;

  // How long a worker that has nothing to do looks for work before it sleeps. It spares messages the time
  // that waking takes, and costs CPU time while messages come this often; when they do not, the worker soon
  // sleeps at once again. Only of use with more CPUs than busy threads. Default: not at all.
  std::optional<std::chrono::nanoseconds> spin = {};

  // What others may make the node hold, and how large messages may be (limits.hpp).
  aemp::limits limits = {};

  bool force = false;  // what is given here counts more than the file
  bool norc = false;   // the file is not read
};

}  // namespace aemp
