// Calls libcrypto; the only file of this room that includes its headers.
#include "wire/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace aemp::wire {
namespace {

const unsigned char* unsigned_data(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string digest(const EVP_MD* hash, const char* name, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> made;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), made.data(), &size, hash, nullptr) != 1) {
    throw std::runtime_error(std::string("OpenSSL does not provide ") + name +
                             ", which nodes need to connect to each other");
  }
  return {reinterpret_cast<const char*>(made.data()), size};
}

std::string hmac(const EVP_MD* hash, const char* name, std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> made;
  unsigned size = 0;
  // A null key means "the key of last time" to OpenSSL, so an empty one must have an address.
  const void* const key_data = key.empty() ? "" : key.data();
  if (HMAC(hash, key_data, static_cast<int>(key.size()), unsigned_data(data), data.size(), made.data(),
           &size) == nullptr) {
    throw std::runtime_error(std::string("OpenSSL does not provide HMAC with ") + name +
                             ", which nodes need to connect to each other");
  }
  return {reinterpret_cast<const char*>(made.data()), size};
}

}  // namespace

std::string sha3_512(std::string_view bytes) { return digest(EVP_sha3_512(), "SHA3-512", bytes); }

std::string sha256(std::string_view bytes) { return digest(EVP_sha256(), "SHA-256", bytes); }

std::string hmac_sha3_512(std::string_view key, std::string_view data) {
  return hmac(EVP_sha3_512(), "SHA3-512", key, data);
}

std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info) {
  const auto keyed = [](std::string_view key, std::string_view data) {
    return hmac(EVP_sha256(), "SHA-256", key, data);
  };
  return keyed(keyed(salt, secret), std::string(info) + '\x01');
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends its text with a zero byte
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), unsigned_data(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), unsigned_data(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  out.resize(static_cast<std::size_t>(size) - padding);
  if (to_base64(out) != text) return {};
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string make_nonce(std::span<const unsigned char, nonce_bytes> random) {
  return to_base64({reinterpret_cast<const char*>(random.data()), random.size()});
}

}  // namespace aemp::wire
