// Decides whether a connection is encrypted, and how: with certificates that both sides have (aemp-protocol
// C.4), else with a key that both make from the secret and both greetings (docs/protocol.md, `psk`), else
// not.
//
// Each side decides from the same two greetings, so both come to the same result. If somebody changes a
// greeting on the way, the decisions or the keys differ; either is an error on both sides.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/auth.hpp"
#include "wire/greeting.hpp"

namespace aemp::wire {

// What one side says about a key made from the secret, in ascending order. If both sides say only `possible`,
// no key is used.
enum class psk_wish : std::uint8_t { none, possible, wanted, required };

// The value of the greeting key psk; empty for none.
[[nodiscard]] std::string_view to_text(psk_wish wish);
// `none` for a greeting without the key, and for unknown values.
[[nodiscard]] psk_wish psk_wish_of(const greeting& g);

struct encryption_means {
  bool certificate = false;
  bool secret = false;  // there is one, and a key may be made from it
  psk_wish wish = psk_wish::none;
};

enum class encryption : std::uint8_t {
  none,
  certificates,
  secret,
  impossible  // one side requires what the other cannot
};

[[nodiscard]] encryption choose_encryption(const encryption_means& own, const encryption_means& peer);

// The pre-shared key of one connection, 32 bytes: HKDF-SHA256 (RFC 5869) of the secret, salted with a hash of
// both greetings.
[[nodiscard]] std::string make_psk(std::string_view secret, const greeting_lines& tls_client,
                                   const greeting_lines& tls_server);

}  // namespace aemp::wire
