// The limits of config.limits: what peers may make a node hold, and what the node may send. Normal operation
// reaches none of them. Whoever reaches one finds its name in an error, a reason or the log. The table
// in aemp.conf(5), "Limits", says what happens at each; in the configuration file they stand under `limits`.
//
// Bytes are approximate bytes of memory: an element of a message counts 24 and its text, a list or map 64
// more, an entry of a map 72 and its key. So a limit means the same in every framing.
#pragma once

#include <cstddef>

namespace aemp {

struct limits {
  // For one message, in both directions. Peers are told in the greeting, so a message that is too large for
  // the receiver fails at the sender, as message_too_large or message_too_deep.
  std::size_t max_message = std::size_t{64} << 20;  // bytes
  std::size_t max_depth = 512;                      // nested lists and maps, the message included

  // For messages that wait to be sent to one node, connected or not, and for all of them together.
  std::size_t max_queued = std::size_t{256} << 20;  // bytes
  std::size_t max_queued_messages = 1'000'000;      // while the node is being connected to
  std::size_t max_queued_total = std::size_t{1} << 30;
  // For incomplete messages that were received in part, on all connections together.
  std::size_t max_received_total = std::size_t{512} << 20;  // bytes

  // For each other node.
  std::size_t max_monitors = 200'000;                  // on ports here
  std::size_t max_registered = std::size_t{64} << 20;  // bytes of groups and database, its own or forwarded
  std::size_t max_subscriptions = 10'000;              // families it subscribes to
  std::size_t max_circuits = 256;                      // circuits it opens through this node or to it
  std::size_t max_data_connections = 256;              // its data connections here, expected and open
  std::size_t max_data_waiting = 4'194'304;            // bytes of these that wait for ports
  std::size_t max_wishes = 64;                         // nodes that this one is to reach on its behalf
  std::size_t max_wished = std::size_t{4} << 20;       // bytes that wait for those nodes

  std::size_t max_handshakes = 256;  // incoming connections that are not authenticated yet
  std::size_t max_routes = 10'000;   // nodes whose address is remembered after they are gone

  bool operator==(const limits&) const = default;
};

}  // namespace aemp
