// TLS 1.3 with a key instead of certificates, in the terms of OpenSSL: RFC 8446 2.2, an external PSK with
// (EC)DHE, so that a key which becomes known later opens no recording. For net/tls.cpp.
#pragma once

#include <memory>
#include <string_view>

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace aemp::net {

struct psk_deleter {
  void operator()(ssl_session_st* psk) const noexcept;
};
using psk_ptr = std::unique_ptr<ssl_session_st, psk_deleter>;

// Allows one cipher suite, whose hash is the key's, and no connection without a key.
void set_psk_rules(ssl_ctx_st* context);

// Gives one side its key, 32 bytes. The result has to outlive `ssl`. Throws std::invalid_argument for a key
// of another size.
[[nodiscard]] psk_ptr use_psk(ssl_st* ssl, std::string_view key);

// Whether a handshake that failed for this reason (of OpenSSL's) failed because the keys differ.
[[nodiscard]] bool is_other_psk(int reason);

}  // namespace aemp::net
