// The settings of a node. Everything has a default, and an empty configuration is a private node, which opens
// no socket. What the configuration file says for the node's profile overrides what is set here, unless
// `force` is set. See aemp.conf(5).
#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <aemp/limits.hpp>
#include <aemp/message.hpp>
#include <aemp/time_span.hpp>

namespace aemp {

// A list that knows whether it was given: an empty list of binds means something else than no list.
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
  template <class Text>
  requires std::is_convertible_v<const Text&, std::string_view> string_list(const Text&) {
    static_assert(!std::is_convertible_v<const Text&, std::string_view>,
                  R"(this setting is a list of texts, in braces: {"127.0.0.1:4040"})");
  }

  bool given() const noexcept { return items_.has_value(); }
  const std::vector<std::string>& items() const noexcept {
    static const std::vector<std::string> none;
    return items_ ? *items_ : none;
  }

 private:
  std::optional<std::vector<std::string>> items_;
};

struct config {
  // A set of named settings in the configuration file. Default: the one named like the host, if there is one.
  std::string profile = {};
  // The node's ID. One that ends in "/" gets a random part appended. Default: the profile or host name, and
  // "/".
  std::string nodeid = {};

  // Endpoints to listen on, "host:port". Host "*" means every address of this machine, port "*" or 0 any free
  // port. An empty list means not to listen, and only to connect. Default: 127.0.0.1:*, so that no node can
  // be reached from outside by accident. A node with none of profile, nodeid, binds and seeds is private.
  string_list binds = string_list::not_given();
  // Endpoints of nodes to connect to, "host:port".
  string_list seeds = string_list::not_given();

  // Shared by all nodes of the network. Default: the file ~/.aemp-secret if it exists, else none.
  std::optional<std::string> secret = {};
  // PEM text with certificates and the key. Connections are then TLS 1.3.
  std::string cert = {};

  // Permits a secret of less than 16 bytes beyond the loopback addresses. Whoever records a connection can
  // find such a secret by trying. Without this, a node that has one does not start when it would listen at,
  // or has seeds at, other than loopback addresses, and makes no connections there.
  bool allow_weak_secret = false;

  // Encryption of connections without certificates, with a key made from the secret. "auto", the default:
  // with nodes of this library, except between loopback addresses. "required": no connection is in the clear.
  // "off": never. See aemp.conf(5), "Encryption".
  std::string encryption = {};

  // A node that has been unreachable for this long is dead. Default: 30 s.
  optional_time monitor_timeout = {};
  // Time between attempts to connect. Default: 2 s.
  optional_time connect_interval = {};

  // Framings and authentications, best first. Defaults: aemp1, cbor, json, storable; every authentication
  // that does not reveal the secret.
  string_list framing_format = string_list::not_given();
  string_list auth_offer = string_list::not_given();
  // Add "cleartext" to admit nodes that send the secret in the clear.
  string_list auth_accept = string_list::not_given();

  // Makes this a global node from the start: one that holds the whole database. Otherwise it becomes one when
  // another node has it as a seed.
  bool global = false;
  // Versions of the global protocol to speak, "1" or "2". Default: both; each peer is spoken to in its own.
  string_list global_versions = string_list::not_given();

  // Functions to call when run() begins for the first time: the names under which they were defined, and
  // their arguments. {message("chat::serve", 7)}
  std::vector<message> services = {};

  // No function runs here because another node asks for it, so other nodes can spawn nothing.
  bool secure = false;

  // Whether other nodes may inspect this one: its ports, queues, connections and groups, but no messages.
  // Default: unless secure. See aemp-protocol(7), `aemp::inspect`.
  std::optional<bool> inspect = {};

  std::optional<unsigned> workers = {};  // threads; default 1; 0 means one per core

  // Gives the network a thread of its own, beside the workers. Then a handler that blocks for a minute costs
  // no connection: heartbeats go on and bytes are read. Without it, the first worker serves the network, too,
  // at least every 10 ms between handlers. Cost: messages to and from other nodes cross between two threads.
  bool network_thread = false;

  // How long an idle worker polls for work before it sleeps. Polling saves messages the latency of a wake-up
  // and costs CPU time while messages arrive about this often; when they do not, the worker soon stops
  // polling. Only useful with more CPUs than busy threads. Default: none.
  optional_time spin = {};

  // What peers may make the node hold, and how large messages may be (limits.hpp).
  aemp::limits limits = {};

  // How many bytes may wait in the node's queues: messages for its ports, and for other nodes. Beyond that, other
  // nodes are not read from until the workers have caught up, and `memory_full` says what becomes of snd outside of
  // callbacks. Callbacks are never held up: limits of ports bound what they send (port_limits.hpp). Bytes are counted
  // as in limits.hpp. Zero: no limit. Cost, with a limit: each message is looked at once more.
  std::size_t memory_limit = 0;
  // "block", the default: the thread waits until there is room. "fail", and where that would be for ever, as run() does
  // not run or the node runs on the program's own loop: snd throws unsendable, `memory_full`.
  std::string memory_full = {};

  // Settings here override the file.
  bool force = false;
  // Do not read the file.
  bool norc = false;
};

}  // namespace aemp
