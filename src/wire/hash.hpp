// OpenSSL's hashes as plain functions over bytes, for encryption and for the authentication of version 2
// nodes (aemp-protocol I.2); and the small text encodings that go with them.
//
// Pure functions, callable from any thread. The caller passes random bytes in, so that a handshake can be
// replayed. They throw std::runtime_error only if OpenSSL itself fails, which no peer can cause.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aemp::wire {

// 64 raw bytes.
[[nodiscard]] std::string sha3_512(std::string_view bytes);

// 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);

// RFC 5869 HKDF over SHA-256: the first 32 bytes of the key.
[[nodiscard]] std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info);

// RFC 2104 HMAC over SHA3-512 (block 72 bytes, NIST SP 800-224): 64 raw bytes. The key may be empty.
[[nodiscard]] std::string hmac_sha3_512(std::string_view key, std::string_view data);

// Lowercase, two digits per byte.
[[nodiscard]] std::string to_hex(std::string_view bytes);

// RFC 4648 section 4, padded, in one line.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);  // only what to_base64 writes

// Compares in a time that does not depend on where the first difference is. Only the lengths are no secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

inline constexpr std::size_t nonce_bytes = 66;

// Makes greeting line 2 (aemp-protocol C.3) from random bytes: 88 characters.
[[nodiscard]] std::string make_nonce(std::span<const unsigned char, nonce_bytes> random);

}  // namespace aemp::wire
