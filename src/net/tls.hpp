// TLS 1.3 without a socket: encrypted bytes in, plain bytes and encrypted bytes out. Either both sides show a
// certificate, and each demands that the other's chains to the certificates it was configured with; names are
// not checked here (aemp-protocol C.4). Or both have a key, and no certificate. Uses OpenSSL, which reads
// straight from what was received and writes straight into the buffer that is sent.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "net/tls_psk.hpp"
#include "net/transport.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace aemp::net {

// Certificates, key and rules in OpenSSL's form. Making one parses the PEM (a millisecond), so keep and share
// it.
class tls_context {
 public:
  // With settings.psk it holds the rules but not the key, which tls_session gets. Errors: bad_certificate,
  // when the text has no certificate or no key, cannot be read, has a key of another certificate, or when its
  // certificate has expired or is not valid yet.
  static result<std::shared_ptr<const tls_context>> make(const tls_settings& settings);

  ssl_ctx_st* get() const noexcept { return context_.get(); }

 private:
  struct deleter {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  explicit tls_context(std::unique_ptr<ssl_ctx_st, deleter> context) : context_(std::move(context)) {}
  std::unique_ptr<ssl_ctx_st, deleter> context_;
};

// For start-up: whether start_tls() could work with these. Errors: bad_certificate.
[[nodiscard]] AEMP_PRIVATE_API result<void> check_tls(const tls_settings& settings);

// The `aemp:` URIs of the first certificate in that text, as tls_session::certified_names().
AEMP_PRIVATE_API std::vector<std::string> names_certified_in(const std::string& pem);

// One side of one connection. Not thread-safe. Do not use it after an error.
class tls_session {
 public:
  // The key is settings.psk of the settings from which the context was made.
  tls_session(std::shared_ptr<const tls_context> context, tls_role role, std::string_view psk = {});
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  // How much larger than the input of feed() the buffer for its plain text has to be: room for what is left
  // of an unfinished record, and more.
  static constexpr std::size_t spare = 17 * 1024;

  // Takes all of `bytes`; call it with none to begin. Writes plain text to `plain`, which needs spare +
  // bytes.size() bytes, and returns how much. Appends what has to be sent to `out`, even after an error,
  // since the peer must be told. Errors: certificate_not_trusted, wrong_key, tls_failed.
  result<std::size_t> feed(std::string_view bytes, std::span<char> plain, std::string& out);
  // Encrypts, once ready(). Errors: tls_failed.
  result<void> seal(std::string_view plain, std::string& out);
  // Appends close_notify.
  void close(std::string& out);

  // Once ready(): the `aemp:` URIs of the peer's certificate, without that prefix and with %XX decoded.
  std::vector<std::string> certified_names() const;

  bool ready() const noexcept { return ready_; }  // the handshake is done
  bool ended() const noexcept { return ended_; }  // the peer has sent close_notify

 private:
  friend struct tls_wires;

  result<std::size_t> outcome(int code);

  std::shared_ptr<const tls_context> context_;
  psk_ptr psk_;  // null: certificates
  ssl_st* ssl_ = nullptr;
  std::string_view in_;         // the input that feed() has not read yet; during feed()
  std::string* out_ = nullptr;  // during any call
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace aemp::net
