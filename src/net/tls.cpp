// OpenSSL reads and writes through a BIO. Ours reads from the string_view that feed() was given, and appends
// to the output string of each call. So only the cipher copies a record, and many records go out in one
// write.
#include "net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstring>
#include <new>
#include <stdexcept>

namespace aemp::net {

// The functions of the BIO, which may access the session's internals.
struct tls_wires {
  static tls_session& session_of(BIO* bio) { return *static_cast<tls_session*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) {
    std::string_view& in = session_of(bio).in_;
    BIO_clear_retry_flags(bio);
    if (in.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t taken = in.copy(to, static_cast<std::size_t>(size));
    in.remove_prefix(taken);
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* from, int size) {
    try {
      session_of(bio).out_->append(from, static_cast<std::size_t>(size));
    } catch (const std::bad_alloc&) {
      return -1;  // no exception may pass through C code
    }
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "aemp");
      if (m == nullptr) throw std::bad_alloc();
      BIO_meth_set_read(m, read);
      BIO_meth_set_write(m, write);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }
};

namespace {

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// OpenSSL's error text. Its oldest error is the cause.
std::string openssl_text() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* text = ERR_reason_error_string(code);
  return text != nullptr ? text : "unknown reason";
}

aemp::error bad(std::string what) {
  return {"bad_certificate",
          "the configured cert cannot be used: " + std::move(what) +
              ". It has to be one PEM text with a certificate, then any others, and the first one's key"};
}

bio_ptr reader_of(const std::string& text) {
  bio_ptr bio(BIO_new_mem_buf(text.data(), static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX))),
              BIO_free);
  if (!bio) throw std::bad_alloc();
  return bio;
}

result<std::vector<x509_ptr>> certificates_in(const std::string& pem) {
  const bio_ptr bio = reader_of(pem);
  std::vector<x509_ptr> found;
  ERR_clear_error();
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    found.emplace_back(one, X509_free);
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return bad("its certificate number " + std::to_string(found.size() + 1) +
               " is unreadable: " + openssl_text());
  }
  ERR_clear_error();
  if (found.empty()) return bad("there is no certificate in it");
  return found;
}

result<key_ptr> key_in(const std::string& pem) {
  if (pem.find("PRIVATE KEY-----") == std::string::npos) return bad("there is no private key in it");
  const bio_ptr bio = reader_of(pem);
  ERR_clear_error();
  // Without this function OpenSSL would ask at the terminal for the password of an encrypted key.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  key_ptr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  if (key) return key;
  return bad("its private key is unreadable (" + openssl_text() + "); an encrypted one cannot be used");
}

result<void> check_dates(const X509* certificate) {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    return bad("its first certificate has expired");
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    return bad("its first certificate is not valid yet");
  return {};
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Two random numbers decide which side is the client, so a certificate made for servers has to do for both.
  SSL_CTX_set_purpose(context, X509_PURPOSE_ANY);
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context),
                       X509_V_FLAG_PARTIAL_CHAIN);  // trust a leaf alone, too
  // Connections last long: there is nothing to resume, and sessions take memory.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

// Whether the peer's alert means that it refuses our certificate.
bool refuses_certificate(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

std::string without_percents(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> names_in(const X509* certificate) {
  constexpr std::string_view scheme = "aemp:";
  std::vector<std::string> found;
  if (certificate == nullptr) return found;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    int type = 0;
    const void* const content = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &type);
    if (type != GEN_URI) continue;
    const auto* const uri = static_cast<const ASN1_IA5STRING*>(content);
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                static_cast<std::size_t>(ASN1_STRING_length(uri)));
    if (text.starts_with(scheme)) found.push_back(without_percents(text.substr(scheme.size())));
  }
  return found;
}

}  // namespace

void tls_context::deleter::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

result<std::shared_ptr<const tls_context>> tls_context::make(const tls_settings& settings) {
  std::unique_ptr<SSL_CTX, deleter> context(SSL_CTX_new(TLS_method()));
  if (!context) throw std::bad_alloc();
  set_rules(context.get());
  if (!settings.psk.empty()) {
    set_psk_rules(context.get());
    return std::shared_ptr<const tls_context>(new tls_context(std::move(context)));
  }

  auto certificates = certificates_in(settings.pem);
  if (!certificates) return certificates.error();
  const auto key = key_in(settings.pem);
  if (!key) return key.error();
  X509* const own = certificates->front().get();
  if (const auto dates = check_dates(own); !dates) return dates.error();
  if (X509_check_private_key(own, key.value().get()) != 1) {
    ERR_clear_error();
    return bad("its key does not belong to its first certificate");
  }

  SSL_CTX_set_ciphersuites(context.get(),
                           "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
  if (SSL_CTX_use_certificate(context.get(), own) != 1) return bad(openssl_text());
  if (SSL_CTX_use_PrivateKey(context.get(), key.value().get()) != 1) return bad(openssl_text());
  for (const x509_ptr& one : *certificates) {
    if (one.get() != own && SSL_CTX_add1_chain_cert(context.get(), one.get()) != 1)
      return bad(openssl_text());
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), one.get()) != 1)
      return bad(openssl_text());
  }
  return std::shared_ptr<const tls_context>(new tls_context(std::move(context)));
}

result<void> check_tls(const tls_settings& settings) {
  const auto made = tls_context::make(settings);
  if (!made) return made.error();
  return {};
}

std::vector<std::string> names_certified_in(const std::string& pem) {
  const auto certificates = certificates_in(pem);
  return certificates ? names_in(certificates->front().get()) : std::vector<std::string>();
}

std::vector<std::string> tls_session::certified_names() const {
  return names_in(SSL_get0_peer_certificate(ssl_));
}

tls_session::tls_session(std::shared_ptr<const tls_context> context, tls_role role, std::string_view psk)
    : context_(std::move(context)) {
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_->get()), SSL_free);
  BIO* const bio = BIO_new(tls_wires::method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  if (!psk.empty()) psk_ = use_psk(ssl.get(), psk);
  role == tls_role::client ? SSL_set_connect_state(ssl.get()) : SSL_set_accept_state(ssl.get());
  ssl_ = ssl.release();
}

tls_session::~tls_session() { SSL_free(ssl_); }

result<std::size_t> tls_session::feed(std::string_view bytes, std::span<char> plain, std::string& out) {
  in_ = bytes;
  out_ = &out;
  ERR_clear_error();
  if (!ready_) {
    const int code = SSL_do_handshake(ssl_);
    if (code != 1) return outcome(code);
    // The key is a session that never took place (tls_psk.cpp). If OpenSSL has resumed none, it did not use
    // the key.
    if (psk_ && SSL_session_reused(ssl_) != 1)
      return aemp::error{"tls_failed", "TLS came up without the key"};
    ready_ = true;
  }
  std::size_t filled = 0;
  while (!ended_) {
    std::size_t got = 0;
    const int code = SSL_read_ex(ssl_, plain.data() + filled, plain.size() - filled, &got);
    if (code != 1) {
      const auto end = outcome(code);
      if (!end) return end.error();
      break;
    }
    filled += got;
  }
  return filled;
}

// OpenSSL stopped: returns what that means. It may only need more input.
result<std::size_t> tls_session::outcome(int code) {
  const int kind = SSL_get_error(ssl_, code);
  if (kind == SSL_ERROR_WANT_READ) return std::size_t{0};
  if (kind == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
    return std::size_t{0};
  }
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const std::string text = openssl_text();
  // OpenSSL does not answer a peer that speaks no TLS at all. We send an alert, because the peer may be a
  // node that does not expect TLS.
  if (reason == SSL_R_WRONG_VERSION_NUMBER && !ready_)
    out_->append("\x15\x03\x03\0\2\2\x0a", 7);  // unexpected_message
  if (psk_ && !ready_ && is_other_psk(reason)) {
    return aemp::error{"wrong_key", "the peer has another key for TLS (" + text + ")"};
  }
  constexpr const char* advice =
      "; both nodes need certificates from the same cert setting or the same authority";
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const std::string why = X509_verify_cert_error_string(SSL_get_verify_result(ssl_));
    return aemp::error{"certificate_not_trusted", "the peer's certificate is not trusted: " + why + advice};
  }
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return aemp::error{"certificate_not_trusted", std::string("the peer has no certificate") + advice};
  }
  if (refuses_certificate(reason)) {
    return aemp::error{"certificate_not_trusted",
                       "the peer refuses this node's certificate: " + text + advice};
  }
  return aemp::error{"tls_failed",
                     "TLS " + std::string(ready_ ? "connection" : "handshake") + " failed: " + text};
}

result<void> tls_session::seal(std::string_view plain, std::string& out) {
  if (!ready_) throw std::logic_error("tls_session::seal: the handshake is not done; wait for ready()");
  out_ = &out;
  ERR_clear_error();
  while (!plain.empty()) {
    std::size_t written = 0;
    const std::size_t piece = std::min<std::size_t>(plain.size(), INT_MAX);
    if (SSL_write_ex(ssl_, plain.data(), piece, &written) != 1) {
      return aemp::error{"tls_failed", "TLS could not encrypt: " + openssl_text()};
    }
    plain.remove_prefix(written);
  }
  return {};
}

void tls_session::close(std::string& out) {
  out_ = &out;
  if (ready_) SSL_shutdown(ssl_);
  ERR_clear_error();
}

}  // namespace aemp::net
