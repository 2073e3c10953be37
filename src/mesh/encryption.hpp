// When a node encrypts, and with what (docs/protocol.md, `psk`). The session decides; here is what it is told
// at the beginning, and what TLS needs when it has decided.
#pragma once

#include "mesh/settings.hpp"
#include "net/endpoint.hpp"
#include "net/transport.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

// The value of session_config::psk, on a stream between these two places.
[[nodiscard]] inline wire::psk_wish psk_wish_for(encryption_mode mode, const net::endpoint& local,
                                                 const net::endpoint& remote) {
  switch (mode) {
    case encryption_mode::off:
      return wire::psk_wish::none;
    case encryption_mode::required:
      return wire::psk_wish::required;
    case encryption_mode::automatic:
      break;
  }
  const bool stays_here = local.is_loopback() && remote.is_loopback();
  return stays_here ? wire::psk_wish::possible : wire::psk_wish::wanted;
}

// The settings for start_tls(), once the session has asked for TLS.
[[nodiscard]] inline net::tls_settings tls_settings_for(const wire::session& s, const settings& own) {
  if (s.encryption() == wire::encryption::secret) return {.psk = s.psk()};
  return own.tls;
}

}  // namespace aemp::mesh
