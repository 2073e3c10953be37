// The world a node lives in: time, where its workers sleep, the network, and chance. The default is the
// machine's; sim/ has another. A node borrows it, so it outlives the node.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "api/config_file.hpp"
#include "core/clock.hpp"
#include "core/poller.hpp"
#include "core/worker.hpp"
#include "net/transport.hpp"

namespace aemp {

struct environment {
  core::clock& clock;
  // One poller a worker; `networked` says whether the node will ask for a transport on it.
  std::function<std::unique_ptr<core::poller>(unsigned worker, bool networked)> make_poller;
  // The network as seen from this worker; called once, for worker 0 of a networked node.
  std::function<std::unique_ptr<net::transport>(core::worker&)> make_transport;
  // Cryptographic randomness; from a seed in the simulator.
  std::function<void(std::span<std::byte>)> random;
  // The configuration file; null in a world without files.
  std::function<result<config_file>()> read_config_file = {};
  // Why node::run() is refused; empty where nodes run by themselves.
  std::string drives_its_nodes = {};
};

environment& machine_environment();

}  // namespace aemp
