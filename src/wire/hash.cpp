// Calls into libcrypto; the only file of this room that includes its headers.
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

std::string as_string(const std::array<unsigned char, EVP_MAX_MD_SIZE>& digest, unsigned size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

std::string sha3_512(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha3_512(), nullptr) != 1) {
    throw std::runtime_error(
        "OpenSSL does not provide SHA3-512, which nodes need to authenticate each other");
  }
  return as_string(digest, size);
}

std::string hmac_sha3_512(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  // A null key means "the key of last time" to OpenSSL, so an empty one must have an address.
  const void* const key_data = key.empty() ? "" : key.data();
  if (HMAC(EVP_sha3_512(), key_data, static_cast<int>(key.size()), unsigned_data(data), data.size(),
           digest.data(), &size) == nullptr) {
    throw std::runtime_error(
        "OpenSSL does not provide HMAC-SHA3-512, which nodes need to authenticate each other");
  }
  return as_string(digest, size);
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

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string make_nonce(std::span<const unsigned char, nonce_bytes> random) {
  return to_base64({reinterpret_cast<const char*>(random.data()), random.size()});
}

}  // namespace aemp::wire
