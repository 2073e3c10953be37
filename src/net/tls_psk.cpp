// OpenSSL treats a pre-shared key as a session to resume, although that session never took place. It asks for
// the session through callbacks, on either side; these find it in the SSL's application data.
#include "net/tls_psk.hpp"

#include <openssl/ssl.h>

#include <new>
#include <stdexcept>

namespace aemp::net {
namespace {

constexpr std::string_view identity = "aemp";  // there is one key per connection, so it needs no name
const auto* const identity_bytes = reinterpret_cast<const unsigned char*>(identity.data());
constexpr unsigned char cipher_suite[] = {0x13, 0x01};
constexpr const char* cipher_suite_name = "TLS_AES_128_GCM_SHA256";
constexpr std::size_t key_size = 32;

SSL_SESSION* psk_of(SSL* ssl) {
  auto* const psk = static_cast<SSL_SESSION*>(SSL_get_app_data(ssl));
  SSL_SESSION_up_ref(psk);
  return psk;
}

int use(SSL* ssl, const EVP_MD*, const unsigned char** id, std::size_t* id_size, SSL_SESSION** psk) {
  *id = identity_bytes;
  *id_size = identity.size();
  *psk = psk_of(ssl);
  return 1;
}

int find(SSL* ssl, const unsigned char* id, std::size_t id_size, SSL_SESSION** psk) {
  const bool known = std::string_view(reinterpret_cast<const char*>(id), id_size) == identity;
  *psk = known ? psk_of(ssl) : nullptr;
  return 1;
}

}  // namespace

void psk_deleter::operator()(ssl_session_st* psk) const noexcept { SSL_SESSION_free(psk); }

void set_psk_rules(ssl_ctx_st* context) {
  SSL_CTX_set_ciphersuites(context, cipher_suite_name);
  // OpenSSL resumes nothing where certificates are demanded, unless the context of the session has a name.
  SSL_CTX_set_session_id_context(context, identity_bytes, identity.size());
  SSL_CTX_set_psk_use_session_callback(context, use);
  SSL_CTX_set_psk_find_session_callback(context, find);
}

psk_ptr use_psk(ssl_st* ssl, std::string_view key) {
  if (key.size() != key_size) throw std::invalid_argument("TLS needs a key of 32 bytes");
  psk_ptr psk(SSL_SESSION_new());
  const SSL_CIPHER* const cipher = SSL_CIPHER_find(ssl, cipher_suite);
  if (psk == nullptr ||
      SSL_SESSION_set1_master_key(psk.get(), reinterpret_cast<const unsigned char*>(key.data()),
                                  key.size()) != 1 ||
      SSL_SESSION_set_cipher(psk.get(), cipher) != 1 ||
      SSL_SESSION_set1_id_context(psk.get(), identity_bytes, identity.size()) != 1 ||
      SSL_SESSION_set_protocol_version(psk.get(), TLS1_3_VERSION) != 1) {
    throw std::bad_alloc();
  }
  SSL_set_app_data(ssl, psk.get());
  return psk;
}

// The server notices that the proof of the key (the binder) is wrong; the client gets one of these alerts.
bool is_other_psk(int reason) {
  return reason == SSL_R_BINDER_DOES_NOT_VERIFY || reason == SSL_R_SSLV3_ALERT_ILLEGAL_PARAMETER ||
         reason == SSL_R_TLSV1_ALERT_DECRYPT_ERROR;
}

}  // namespace aemp::net
