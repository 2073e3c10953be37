// Nodes on an event loop that the program has already: GLib's, Qt's, libuv's, the loop of a game. A node that is given
// such a host does not run(): the loop calls the host when there is something to do, on the loop's thread. With
// config.workers = 1 there is no thread of ours; more workers have threads of their own. For Boost.Asio there is
// asio_host (aemp/asio.hpp).
//
//     polled_host host;
//     node me({}, host);
//     while (host.has_nodes()) {
//       pollfd p{host.descriptor(), POLLIN, 0};
//       poll(&p, 1, host.timeout());     // your loop, with whatever else it waits for
//       host.run_pending();
//     }
//
// Threads: the host and its nodes belong to one thread, the loop's, which makes, runs and destroys them. Other threads
// may call what any thread may call: snd, stop.
//
// A node that was stopped says goodbye inside of run_pending(), which takes up to a second if others do not read (those on
// the same host cannot), and does not belong to the host any more. The host has to outlive its nodes. A node may be
// destroyed by handlers of others, and not by its own.
//
// Cost: what a turn of a worker costs, and one system call for each time that the loop wakes up.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <aemp/export.hpp>

namespace aemp {

namespace detail {
class hosted_nodes;
}

class AEMP_API polled_host {
 public:
  // Throws std::system_error when the process has no descriptor left.
  polled_host();
  polled_host(const polled_host&) = delete;
  polled_host& operator=(const polled_host&) = delete;
  // Throws nothing; a node that still belongs to it is a mistake, and ends the process.
  virtual ~polled_host();

  // Readable when run_pending() has something to do. The same for the host's whole life; do not read from it.
  int descriptor() const noexcept;
  // When run_pending() has something to do even if the descriptor does not say so. Empty: never.
  std::optional<std::chrono::steady_clock::time_point> deadline() const;
  // The same as milliseconds for poll(2): rounded up, -1 for never.
  int timeout() const;

  // Does what is pending, for about that long at most; a single handler may take longer. True: there is more to do.
  bool run_pending(std::chrono::nanoseconds at_most = std::chrono::milliseconds(5));

  // Whether a node was given this host and has not been stopped yet.
  bool has_nodes() const noexcept;

  // For the library.
  detail::hosted_nodes& nodes() noexcept { return *nodes_; }

 private:
  friend class detail::hosted_nodes;
  // A node has been given this host. For hosts that are built on this one.
  virtual void has_begun() {}

  std::unique_ptr<detail::hosted_nodes> nodes_;
};

}  // namespace aemp
