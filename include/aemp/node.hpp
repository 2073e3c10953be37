// A node: a process, or a part of one, with ports. `node me;` is a private node; nothing is opened and
// nothing leaves the process. With seeds or binds it is part of a network (config.hpp). Several nodes in one
// process are strangers to each other, like nodes of different processes.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <aemp/config.hpp>
#include <aemp/data_connection.hpp>

namespace aemp {

// A node could not be started: an endpoint that cannot be listened on, a secret that cannot be read. name()
// is for programs (port_in_use, unresolvable, secret_file_is_open…), what() says which one, why, and what to
// do.
class start_error : public std::runtime_error {
 public:
  explicit start_error(error e) : std::runtime_error(e.text), name_(std::move(e.name)) {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

struct environment;  // a clock and a network of one's own: aemp/sim

class node : public data_functions {
 public:
  // Opens the listeners, reads the secret, starts nothing yet. Throws start_error when that cannot be done,
  // with a text that says which endpoint or file and why.
  node() : node(config{}) {}
  explicit node(config settings);
  node(config settings, environment& where);
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  // Ends all ports without telling anybody, and says goodbye as stop() does. Not while run() runs.
  ~node();

  // Turns the calling thread into the node's first worker, starts the others, and returns stop()'s code when
  // it is called. May be called again. Throws std::logic_error while it runs already, on this thread (in a
  // handler) or another; start_error, no_thread, when there are not enough threads: then nothing has run.
  int run();

  // From any thread. Messages sent before it by the same thread are not waited for. Data connections that
  // were closed before it are: until the other sides have all that was written, for five seconds at most.
  // Before run() returns, the node says goodbye and closes its connections, after what waits there as far as
  // the others take it within a second. So monitors on nodes of this library fire with node_stopped, on
  // others with transport_error.
  void stop(int code = 0);

  // As stop(), and like it from any thread; but before it ends, what is under way gets out, for `limit` at
  // most. Meanwhile nobody can connect, nothing is spawned for other nodes (node_is_leaving), and all else
  // goes on: messages that wait in the node are handled, those that wait for other nodes are sent, nodes that
  // they wait for are dialled, and data connections that were closed send what was written. When nothing is
  // left, or the limit is reached, run() returns `code`. stop() ends it at once. Before run(), the limit
  // begins when that does. A node that was drained
  // listens no more; to listen again, make another.
  void drain(std::chrono::nanoseconds limit, int code = 0);
  // When run() has returned after drain(): whether all got out. It is false when there was no drain().
  bool drained() const noexcept;

  // Makes the node reachable: `noderef` is a comma list of host:port (empty: this host, port 4040), which are
  // resolved (waiting for it) and listened on. The result becomes the node's ID, so that a port ID says how
  // to reach it; port IDs made before keep working here but mean nothing to others. No effect on a node that
  // is public already. Before run(). Throws start_error. (aemp-protocol A.6, A.7)
  void become_public(std::string_view noderef = {});

  // Makes the node hidden: it listens nowhere, and is reached through another node, its master, which listens
  // at `noderef`, a comma list of host:port (resolved, waiting for it). Its ID becomes id@noderef: the ID it
  // was configured with, or a random one, and where the master is; so any node that has a port ID of it knows
  // the way. The connection to the master is kept, and made again when it is lost. No effect on a node that
  // is hidden already. Before run(). Throws start_error, also when the node listens: give binds as {}.
  // (aemp-protocol A.1, A.11)
  void become_slave(std::string_view noderef);

  // Where the node listens, "host:port" each, with the ports that were chosen. Empty for private nodes.
  std::vector<std::string> listening() const;

 private:
  struct parts;
  explicit node(std::unique_ptr<parts> p);

  std::unique_ptr<parts> parts_;
};

}  // namespace aemp
