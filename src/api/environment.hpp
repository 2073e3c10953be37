// The world a node lives in: time, the pollers in which its workers sleep, the network, and randomness. The
// default is the machine's; sim/ has another one. A node borrows it, so it must outlive the node.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include <aemp/export.hpp>

#include "api/config_file.hpp"
#include "core/clock.hpp"
#include "core/poller.hpp"
#include "core/worker.hpp"
#include "net/transport.hpp"

namespace aemp {

struct environment {
  core::clock& clock;
  // Makes one poller for each worker. `networked`: the node will ask for a transport on it.
  std::function<std::unique_ptr<core::poller>(unsigned worker, bool networked)> make_poller;
  // Makes the network as seen from this worker. Called once, for worker 0 of a networked node.
  std::function<std::unique_ptr<net::transport>(core::worker&)> make_transport;
  // Cryptographic randomness; in the simulator, from a seed.
  std::function<void(std::span<std::byte>)> random;
  // Reads the configuration file. Null in a world without files.
  std::function<result<api::config_file>()> read_config_file = {};
  // Why node::run() is refused. Empty where nodes run by themselves.
  std::string drives_its_nodes = {};
};

AEMP_PRIVATE_API environment& machine_environment();

}  // namespace aemp
