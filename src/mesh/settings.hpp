// What a mesh is told when it is made. Everything has a default except how to prove oneself: without a secret
// and without a certificate no connection ever comes up.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "net/endpoint.hpp"
#include "net/transport.hpp"
#include "wire/auth.hpp"
#include "wire/framing.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

// What others may make this node hold. Nothing here is reached in normal operation.
struct limits {
  wire::framing_limits packets = {};

  // For one node that reads too slowly: more bytes than this in its connection's buffer end the connection
  // with send_buffer_full.
  std::size_t send_buffer = std::size_t{256} << 20;
  // For one node that is being connected; more ends the attempt with queue_full. Bytes are estimated.
  std::size_t queued_messages = 1'000'000;
  std::size_t queued_bytes = std::size_t{256} << 20;

  std::size_t handshakes = 256;                  // incoming connections that have not proven anything yet
  std::size_t monitors = 1'000'000;              // of our ports, that one node may have at a time
  std::size_t circuits = 256;                    // through one node, or that one node has through this one
  std::size_t known_routes = 10'000;             // nodes whose address is remembered after they are gone
  std::size_t database = std::size_t{64} << 20;  // bytes, estimated, that one node may register or pass on
};

// Whether connections without certificates are encrypted with a key made from the secret.
enum class encryption_mode {
  automatic,  // with those who can, except between loopback addresses
  required,   // and nobody connects in the clear
  off
};

struct settings {
  std::string secret = {};     // bytes; empty: none
  net::tls_settings tls = {};  // empty PEM text: none
  encryption_mode encryption = encryption_mode::automatic;
  std::vector<wire::auth_method> auth_offer = wire::session_config{}.auth_offer;
  std::vector<wire::auth_method> auth_accept = wire::session_config{}.auth_accept;
  std::vector<std::string> framings = wire::session_config{}.framings;  // best first
  std::string provider = "aemp";  // greeting key: who we are, for people
  // Further greeting keys, after those of the mesh itself (arbiter, heartbeat, mproto).
  std::vector<std::pair<std::string, std::string>> greeting_keys = {};

  core::duration monitor_timeout = std::chrono::seconds(30);  // unreachable or silent for so long is dead
  core::duration connect_interval = std::chrono::seconds(2);  // between attempts to connect to one node
  std::vector<net::endpoint> seeds = {};
  // The global protocols that are spoken; with none of them, groups and the database end at this node.
  bool global_1 = true;
  bool global_2 = true;
  bool global = false;  // a global node of version 2 from the start

  aemp::mesh::limits limits = {};
};

}  // namespace aemp::mesh
