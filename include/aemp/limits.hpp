// What others may make a node hold, and what it may send: config.limits. Nothing here is reached in normal
// operation; whoever reaches a limit reads its name in an error, a reason or the log. docs/configuration.md
// has them as a table, with what happens at each; the configuration file has them under `limits`.
//
// Bytes are of memory, roughly: an element of a message counts 24 and the bytes of its text, a list or map 64
// more, an entry of a map 72 and its key. So a limit is the same in every framing.
#pragma once

#include <cstddef>

namespace aemp {

struct limits {
  // One message, in both directions. Other nodes are told in the greeting, so what is too much for the
  // receiver fails at the sender, by the names message_too_large and message_too_deep.
  std::size_t max_message = std::size_t{64} << 20;  // bytes
  std::size_t max_depth = 512;                      // lists and maps in each other, the message included

  // What waits for one node, connected or not, and for all together.
  std::size_t max_queued = std::size_t{256} << 20;  // bytes
  std::size_t max_queued_messages = 1'000'000;      // while it is being connected
  std::size_t max_queued_total = std::size_t{1} << 30;
  // What has come of messages that are not complete, on all connections together.
  std::size_t max_received_total = std::size_t{512} << 20;  // bytes

  // Of one other node.
  std::size_t max_monitors = 200'000;                  // on ports here
  std::size_t max_registered = std::size_t{64} << 20;  // bytes of groups and database, its own or passed on
  std::size_t max_subscriptions = 10'000;              // families that it wants to be told of
  std::size_t max_circuits = 256;                      // that it opens through this node, or has here
  std::size_t max_data_connections = 256;              // that it wants to have here: expected and open
  std::size_t max_data_waiting = 4'194'304;            // bytes of these that wait for ports
  std::size_t max_wishes = 64;                         // nodes that this one is to reach for it
  std::size_t max_wished = std::size_t{4} << 20;       // bytes that wait for those

  std::size_t max_handshakes = 256;  // incoming connections that have not proven anything yet
  std::size_t max_routes = 10'000;   // nodes whose address is remembered after they are gone

  bool operator==(const limits&) const = default;
};

}  // namespace aemp
