// A node: a process, or a part of one, that has ports. `node me;` is a private node: it opens no socket, and
// nothing leaves the process. With seeds or binds it joins a network (config.hpp). Several nodes in one
// process are strangers to each other, like nodes of different processes.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <aemp/config.hpp>
#include <aemp/export.hpp>
#include <aemp/supervisor.hpp>

namespace aemp {

// A node could not be started: say, it cannot listen on an endpoint or read the secret. name() is for
// programs: port_in_use, unresolvable, secret_file_is_open… what() says which endpoint or file, why, and what
// to do.
class AEMP_API start_error : public std::runtime_error {
 public:
  explicit start_error(error e) : std::runtime_error(e.text), name_(std::move(e.name)) {}
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

// A clock and a network of your own: see aemp/sim.
struct environment;
// Your own event loop: see polled_host.hpp, asio.hpp.
class polled_host;

class AEMP_API node : public supervisor_functions {
 public:
  // Opens the listeners and reads the secret, but starts nothing yet. Throws start_error.
  node() : node(config{}) {}
  explicit node(config settings);
  // A node on the event loop of this host, which starts with this: it does not run().
  node(config settings, polled_host& host);
  node(config settings, environment& where);
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  // Ends all ports without telling anybody, and says goodbye as stop() does. Not allowed while run() runs.
  ~node();

  // Makes the calling thread the node's first worker, starts the other workers, and returns the code given to
  // stop(). May be called again afterwards. Throws std::logic_error while it is running already, on this
  // thread (from a handler) or on another; start_error `no_thread` when the system has not enough threads,
  // and then nothing has run.
  int run();

  // Ends run(). May be called from any thread. Does not wait for messages, even those that the same thread
  // sent before. Waits up to five seconds for data connections that were closed before, until the other sides
  // have all that was written.
  //
  // Before run() returns, the node says goodbye and closes its connections, after the messages that wait
  // there, as far as the others take these within a second. Monitors on nodes of this library then fire with
  // node_stopped, on other nodes with transport_error.
  void stop(int code = 0);

  // Like stop(), but first lets work in progress get out, for `limit` at most. run() returns `code` when
  // nothing is left or the limit is reached; stop() ends the wait at once. May be called from any thread.
  // Before run(), the limit starts when run() does.
  //
  // While a node drains, nobody can connect, and nothing is spawned for other nodes (node_is_leaving).
  // Everything else goes on: the node handles its waiting messages, sends those for other nodes, dials the
  // nodes that they wait for, and data connections that were closed send what was written.
  //
  // A drained node does not listen again; make another one.
  void drain(std::chrono::nanoseconds limit, int code = 0);
  // Whether everything got out, when run() has returned after drain(). False when there was no drain().
  bool drained() const noexcept;

  // Makes the node reachable. `noderef` is a comma-separated list of host:port (empty: this host, port 4040).
  // It is resolved, which blocks, and listened on. The result becomes the node's ID, so that a port ID says
  // how to reach its port. Port IDs made before keep working here but mean nothing to other nodes. No effect
  // on a node that is public already. Call it before run(). Throws start_error.
  void become_public(std::string_view noderef = {});

  // Makes the node hidden: it does not listen, and is reached through another node, its master, which listens
  // at `noderef`, a comma-separated list of host:port (resolved, which blocks). Its ID becomes id@noderef,
  // where id is the configured ID or a random one, so any node that has one of its port IDs knows the way.
  // The connection to the master is kept, and made again when it is lost. No effect on a node that is hidden
  // already. Call it before run(). Throws start_error, also when the node listens: set binds to {}.
  void become_slave(std::string_view noderef);

  // The endpoints where the node listens, "host:port", with the ports that were chosen. Empty for private
  // nodes.
  std::vector<std::string> listening() const;

 private:
  struct parts;
  explicit node(std::unique_ptr<parts> p);

  std::unique_ptr<parts> parts_;
};

}  // namespace aemp
