// What the core needs from the network, and nothing more: it takes messages to ports of other nodes, and kills and
// monitors of such ports. The mesh implements it. Every call is made on the node's network worker, except known_nodes()
// and unsent().
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

  // A message to a port of another node, or to its node port, from a sender that has heard of losses up to `heard`
  // (core/losses.hpp). It is queued while the node is being connected. When the node cannot be reached, the mesh calls
  // monitors::node_lost.
  virtual void send(const port_id& to, message&& m, epoch heard) = 0;
  // A shortcut for messages of this worker: sends only to the port that the last message went to, on a node that is up.
  // False: it was not sent, use send(). Throws unsendable.
  virtual bool send_again(const port_id& to, const message& m) = 0;
  // Node `from` wants a message passed on to a port of another node. To nodes that are not up, a node may have few
  // messages passed on (limits::max_wishes); the rest is dropped, with a line in the log.
  virtual void pass_on(const std::string& from, const port_id& to, message&& m) = 0;
  // Ask the other node to kill its port.
  virtual void kill(const port_id& port, message reason, epoch heard) = 0;
  // Asks a port of the other node (core/port_question.hpp).
  virtual void ask(const port_id& port, const message& question, epoch heard) = 0;
  // The first local monitor of a remote port was set; the last one was taken away. A port without a name (the node port)
  // stands for the node: only the node's loss counts, and nothing is sent.
  virtual void monitor(const port_id& port) = 0;
  virtual void unmonitor(const port_id& port) = 0;

  // Bytes that wait for that node; from any thread. when_drained() fires `o` when few of them are left or the node is
  // lost, at once if that is so already; o.watched is the node's node port.
  virtual std::size_t unsent(const std::string& node) const = 0;
  virtual void when_drained(detail::owned& o) = 0;

  // Whether that node, which is up, speaks version 2 of the original's protocols.
  virtual bool is_modern(const std::string& node) const = 0;

  // Whether that node may call what is defined for the members of a group it has registered in. Not if its certificate
  // names other groups.
  virtual bool may_be_in(const std::string& node, std::string_view group) const = 0;

  virtual std::vector<std::string> known_nodes() const = 0;  // also those being connected to; from any thread

  // Accepts no connections any more. Those that stand stay.
  virtual void close_door() {}
  // Bytes that wait for all nodes together, connected or not.
  virtual std::size_t unsent_in_all() const { return 0; }
  // The node stops: says goodbye to all connected nodes, behind what waits for them, and loses them. If the node runs
  // again, they are connected again when a message goes there.
  virtual void leave() {}
  // Some of the goodbyes are not with the kernel yet, or not confirmed.
  virtual bool is_finishing() const { return false; }

  // Says goodbye and closes. Nothing is called afterwards.
  virtual void close() = 0;
};

}  // namespace aemp::core
