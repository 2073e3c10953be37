// What the core needs from the network, and nothing more: where messages, kills and monitors go that concern
// ports of other nodes. The mesh implements it. Every call is made on the node's network worker, except
// known_nodes() and unsent().
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <aemp/message.hpp>
#include <aemp/port_id.hpp>

#include "core/losses.hpp"

namespace aemp::detail {
class owned;
}

namespace aemp::core {

class gateway {
 public:
  virtual ~gateway() = default;

  // A message to a port of another node, or to the node port of one, by somebody who has heard of losses up
  // to `heard` (core/losses.hpp). Queued while the node is being connected; when it cannot be reached,
  // local_node::node_lost tells.
  virtual void send(const port_id& to, message&& m, epoch heard) = 0;
  // The same for this worker, where that is cheap: to the port that the last message went to, on a node that
  // is up. Else false, and nothing has happened. Throws unsendable.
  virtual bool send_again(const port_id& to, const message& m) = 0;
  // A message that node `from` wants passed on to a port of another node. What is not passed on is dropped,
  // with a line in the log: to a node that is not up, unless `from` asks for little of that
  // (limits::max_wishes).
  virtual void pass_on(const std::string& from, const port_id& to, message&& m) = 0;
  // Ask the other node to kill its port.
  virtual void kill(const port_id& port, message reason, epoch heard) = 0;
  // The first local monitor of a remote port was set, the last one was taken away. A port without a name (the
  // node port) stands for the node: only its loss counts and nothing is sent.
  virtual void monitor(const port_id& port) = 0;
  virtual void unmonitor(const port_id& port) = 0;

  // Bytes that wait for that node; from any thread. What is fired when few of them are left, or the node is
  // lost, or at once: o.watched is its node port.
  virtual std::size_t unsent(const std::string& node) const = 0;
  virtual void when_drained(detail::owned& o) = 0;

  // Whether that node, which is up, speaks version 2 of the original's protocols.
  virtual bool is_modern(const std::string& node) const = 0;

  // Whether what that node registers in a group counts where callers are named by group: unless its
  // certificate names others.
  virtual bool may_be_in(const std::string& node, std::string_view group) const = 0;

  virtual std::vector<std::string> known_nodes() const = 0;  // also those being connected to; from any thread

  // From now on nobody can connect to this node. What is connected stays.
  virtual void close_door() {}
  // Bytes that wait for all nodes together, connected or not.
  virtual std::size_t unsent_in_all() const { return 0; }
  // The node stops: says goodbye to all that are connected, after what waits for them, and loses them. It may
  // run again, and then they are connected again when somebody wants it.
  virtual void leave() {}
  // Some of that is not with the kernel yet, or the others have not confirmed it.
  virtual bool is_finishing() const { return false; }

  // The node's last words: says goodbye and closes. Nothing is called afterwards.
  virtual void close() = 0;
};

}  // namespace aemp::core
