// TLS 1.3 on a connected socket, by OpenSSL alone and blocking: the same cipher that our nodes use, with a
// key that both sides have.
#pragma once

#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <string_view>

#include "bench/stopwatch.hpp"

namespace bench {

class tls_socket {
 public:
  tls_socket(int socket, bool is_server) {
    SSL_CTX* const context = SSL_CTX_new(TLS_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_psk_client_callback(
        context, [](SSL*, const char*, char* identity, unsigned size, unsigned char* to, unsigned room) {
          std::strncpy(identity, "bench", size);
          return copy_key(to, room);
        });
    SSL_CTX_set_psk_server_callback(
        context, [](SSL*, const char*, unsigned char* to, unsigned room) { return copy_key(to, room); });
    ssl_ = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(ssl_, socket);
    if ((is_server ? SSL_accept(ssl_) : SSL_connect(ssl_)) != 1) fail("TLS handshake");
  }
  tls_socket(const tls_socket&) = delete;
  tls_socket& operator=(const tls_socket&) = delete;
  ~tls_socket() { SSL_free(ssl_); }

  void write_all(const void* from, std::size_t size) {
    std::size_t written = 0;
    if (SSL_write_ex(ssl_, from, size, &written) != 1 || written != size) fail("SSL_write");
  }
  // Some of it, one record at most.
  std::size_t read_some(void* to, std::size_t size) {
    std::size_t n = 0;
    return SSL_read_ex(ssl_, to, size, &n) == 1 ? n : 0;
  }

 private:
  static unsigned copy_key(unsigned char* to, unsigned room) {
    constexpr std::string_view key = "thirty-two bytes for a benchmark";
    return room < key.size() ? 0 : static_cast<unsigned>(key.copy(reinterpret_cast<char*>(to), key.size()));
  }

  SSL* ssl_;
};

}  // namespace bench
