// The configuration of a mesh. Everything has a default except the proof of who this node is: without a secret
// and without a certificate, no connection ever comes up.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <aemp/limits.hpp>

#include "core/clock.hpp"
#include "net/endpoint.hpp"
#include "net/transport.hpp"
#include "wire/auth.hpp"
#include "wire/framing.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

// Whether connections without certificates are encrypted with a key made from the secret.
enum class encryption_mode {
  automatic,  // with peers that can, except between loopback addresses
  required,   // with all peers; a connection in the clear is refused
  off
};

struct settings {
  std::string secret = {};     // bytes; empty: none
  bool stays_here = false;     // the secret is too weak for connections with other machines
  net::tls_settings tls = {};  // empty PEM text: none
  encryption_mode encryption = encryption_mode::automatic;
  std::vector<wire::auth_method> auth_offer = wire::session_config{}.auth_offer;
  std::vector<wire::auth_method> auth_accept = wire::session_config{}.auth_accept;
  std::vector<std::string> framings = wire::session_config{}.framings;  // best first
  std::string provider = "aemp";  // greeting key: the name of this implementation
  // Further greeting keys, after those of the mesh itself (arbiter, heartbeat, mproto).
  std::vector<std::pair<std::string, std::string>> greeting_keys = {};

  core::duration monitor_timeout = std::chrono::seconds(30);  // unreachable or silent for so long is dead
  core::duration connect_interval = std::chrono::seconds(2);  // between attempts to connect to one node
  std::vector<net::place> seeds = {};                         // names are looked up at each attempt
  // The global protocols that this node speaks. Without any, groups and the database end at this node.
  bool global_1 = true;
  bool global_2 = true;
  bool global = false;  // a global node of version 2 from the start

  aemp::limits limits = {};
};

}  // namespace aemp::mesh
