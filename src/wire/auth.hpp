// Authentication: the methods, what each one puts into the authentication line, and which one to use
// (aemp-protocol C.5, C.6, I.2).
//
// Pure functions over text. Everywhere outside this file's tables a method is known by its wire name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aemp::wire {

enum class auth_method : std::uint8_t {
  tls_sha3_512,     // inside TLS, version 2: a plain hash of both greetings; the certificates are the proof
  tls_md6_64_256,   // the same for version 1
  hmac_sha3_512,    // version 2: a keyed hash of both greetings with the shared secret
  hmac_md6_64_256,  // version 1
  tls_anon,         // inside TLS: nothing; the certificates are the proof
  cleartext,        // the secret itself in hex; for minimal peers on trusted lines, off unless configured
};

// All methods that this library knows, in order of preference.
inline constexpr auth_method all_auth_methods[] = {auth_method::tls_sha3_512,  auth_method::tls_md6_64_256,
                                                   auth_method::hmac_sha3_512, auth_method::hmac_md6_64_256,
                                                   auth_method::tls_anon,      auth_method::cleartext};

[[nodiscard]] std::string_view to_text(auth_method method);
[[nodiscard]] std::optional<auth_method> auth_method_named(std::string_view name);
[[nodiscard]] bool needs_tls(auth_method method);

// The two greeting lines of one side as they went over the wire, without their line ends.
struct greeting_lines {
  std::string_view first;
  std::string_view nonce;
};

// What both sides' proofs cover: our own lines first, each with a LF.
[[nodiscard]] std::string four_lines(const greeting_lines& own, const greeting_lines& peer);

// The secret with one byte a character, as a Perl node of 2.x takes it for hmac_sha3_512. Empty if that is no
// other form of it: the secret is ASCII, is not UTF-8, or has a character above U+00FF.
[[nodiscard]] std::string one_byte_form(std::string_view secret);

// What a connection can prove itself with. The secret is bytes, with non-ASCII characters in UTF-8; empty
// means none.
struct auth_means {
  std::string_view secret;
  bool tls_active = false;  // TLS with certificates; TLS with a key from the secret proves nothing more
};

// Whether a method can work at all: tls_* only inside TLS, the others only with a secret.
[[nodiscard]] bool is_possible(auth_method method, const auth_means& means);

// The second field of the authentication line that `own` sends to `peer`. Exchange the two for what `own`
// expects from `peer`. The method must be possible.
[[nodiscard]] std::string auth_data(auth_method method, const greeting_lines& own, const greeting_lines& peer,
                                    std::string_view secret);

// The method to prove ourselves with: the first one in the peer's list that we offer and that is possible.
// Inside TLS only tls_* are possible: real nodes do not look at the secret there (C.6). Unknown names are
// skipped.
[[nodiscard]] std::optional<auth_method> choose_auth(std::span<const std::string> peer_accepts,
                                                     std::span<const auth_method> offer,
                                                     const auth_means& means);

// The third and last line of a handshake: METHOD;DATA;FRAMING. Further fields are ignored (C.6). A missing
// field is nullopt, which is not the same as an empty one.
struct auth_line {
  std::string_view method;
  std::optional<std::string_view> data;
  std::optional<std::string_view> framing;
  std::uint64_t acceptance = 0;  // docs/protocol.md, `arbiter`; 0: not a whole number, or not there
};
[[nodiscard]] auth_line parse_auth_line(std::string_view line);  // views into line

}  // namespace aemp::wire
