// When a node encrypts, and with what (docs/protocol.md, `psk`). The two halves of one connection's decision
// that are not the session's: what to say at first, and what TLS needs in the end.
#pragma once

#include "mesh/settings.hpp"
#include "net/endpoint.hpp"
#include "net/transport.hpp"
#include "wire/session.hpp"

namespace aemp::mesh {

// For session_config::psk, on a stream between these two.
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

// For start_tls(), when the session has asked for it.
[[nodiscard]] inline net::tls_settings tls_settings_for(const wire::session& s, const settings& own) {
  if (s.encryption() == wire::encryption::secret) return {.psk = s.psk()};
  return own.tls;
}

}  // namespace aemp::mesh
