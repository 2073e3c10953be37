// TLS 1.3 without a socket: encrypted bytes in, plain bytes and encrypted bytes out. Both sides show a
// certificate, and each demands that the other's chains to the certificates it was configured with; nobody
// looks at names here (aemp-protocol C.4). Or both have a key, and no certificate. Over OpenSSL, which reads
// straight from what was received and writes straight into the buffer that is sent.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>

#include "net/tls_psk.hpp"
#include "net/transport.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace aemp::net {

// Certificates, key and rules, made ready for use. Making one parses the PEM (a millisecond), so it is kept
// and shared.
class tls_context {
 public:
  // With settings.psk, the rules without the key, which is tls_session's. Errors: bad_certificate, when the
  // text has no certificate or no key, cannot be read, has a key of another certificate, or when its
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
[[nodiscard]] result<void> check_tls(const tls_settings& settings);

// What the first certificate in that text names as `aemp:` URIs, as tls_session::certified_names().
std::vector<std::string> names_certified_in(const std::string& pem);

// One side of one connection. Not thread safe. After an error it is of no further use.
class tls_session {
 public:
  // The key is settings.psk of the settings that the context was made from.
  tls_session(std::shared_ptr<const tls_context> context, tls_role role, std::string_view psk = {});
  ~tls_session();
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;

  // How much larger than the input of feed() the room for its plain text has to be: what is left of an
  // unfinished record from before, and then some.
  static constexpr std::size_t spare = 17 * 1024;

  // Takes all of `bytes`; empty at first, to begin. Plain text goes to `plain`, which has spare +
  // bytes.size() bytes; the result is how much. What has to be sent is appended to `out`, after an error too:
  // the peer has a right to know. Errors: certificate_not_trusted, wrong_key, tls_failed.
  result<std::size_t> feed(std::string_view bytes, std::span<char> plain, std::string& out);
  // Encrypts, once ready(). Errors: tls_failed.
  result<void> seal(std::string_view plain, std::string& out);
  // Says goodbye.
  void close(std::string& out);

  // What the peer's certificate names as `aemp:` URIs, without that and with %XX decoded; once ready().
  std::vector<std::string> certified_names() const;

  bool ready() const noexcept { return ready_; }  // the handshake is done
  bool ended() const noexcept { return ended_; }  // the peer said goodbye

 private:
  friend struct tls_wires;

  result<std::size_t> outcome(int code);

  std::shared_ptr<const tls_context> context_;
  psk_ptr psk_;  // null: certificates
  ssl_st* ssl_ = nullptr;
  std::string_view in_;         // what feed() has not read yet; during feed()
  std::string* out_ = nullptr;  // during any call
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace aemp::net
