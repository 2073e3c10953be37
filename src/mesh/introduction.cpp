#include "mesh/introduction.hpp"

#include <array>
#include <span>

#include "mesh/data_server.hpp"
#include "mesh/encryption.hpp"
#include "mesh/goodbye.hpp"
#include "mesh/heartbeat.hpp"
#include "mesh/lots.hpp"
#include "mesh/message_limits.hpp"
#include "mesh/room.hpp"
#include "wire/hash.hpp"

namespace aemp::mesh {

introduction::introduction(const detail::local_node& node, const settings& s, dice& chance)
    : node_(node), settings_(s), dice_(chance) {
  (void)wire::session(to({"255.255.255.255", 65535}));
}

wire::session_config introduction::to(const net::endpoint& remote) {
  wire::session_config config;
  config.node_id = node_.id();
  config.secret = settings_.secret;
  config.tls_available = !settings_.tls.pem.empty();
  config.auth_offer = settings_.auth_offer;
  config.auth_accept = settings_.auth_accept;
  config.framings = settings_.framings;
  config.provider = settings_.provider;
  config.peeraddr = remote.str();
  config.more_keys = {{"arbiter", "1"},
                      heartbeat_key(settings_.monitor_timeout),
                      {"instance", node_.identity().uniq},
                      {"mproto", "1"},
                      {"relay", "1"},
                      {goodbye_key, "1"},
                      {room_key, "1"}};
  if (settings_.global_2) {
    config.more_keys.emplace_back("gproto", "1");
    config.more_keys.emplace_back(lots_key, "1");
  }
  for (auto& key : limit_keys(settings_.limits)) config.more_keys.push_back(std::move(key));
  config.more_keys.insert(config.more_keys.end(), settings_.greeting_keys.begin(),
                          settings_.greeting_keys.end());
  std::array<unsigned char, wire::nonce_bytes> random;
  dice_.fill(std::as_writable_bytes(std::span(random)));
  config.nonce = wire::make_nonce(random);
  return config;
}

wire::session_config introduction::on(const net::stream& stream, const origin& from, bool serves_data) {
  wire::session_config config = to(stream.remote());
  config.psk = psk_wish_for(settings_.encryption, stream.local(), stream.remote());
  if (!from.data_id.empty()) {
    config.protocol = data_protocol;
    config.more_keys.emplace_back(data_key, from.data_id);
    config.more_keys.emplace_back(frames_key, "1");
  } else if (!from.dialled && serves_data && from.through.empty()) {
    config.served_protocols.emplace_back(data_protocol);
    config.more_keys.emplace_back(frames_key, "1");
  }
  if (!from.through.empty()) {
    // A circuit has no TLS of its own: its legs have it. A node that requires end-to-end TLS gets no circuit.
    config.tls_available = false;
    const bool required = settings_.encryption == encryption_mode::required;
    config.psk = required ? wire::psk_wish::required : wire::psk_wish::none;
  }
  return config;
}

}  // namespace aemp::mesh
