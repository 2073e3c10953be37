// The handshake of one connection, from the first byte to the first packet, as a state machine: bytes in,
// bytes and events out (aemp-protocol C.1 to C.6, I.2). It knows no socket, thread, clock or random source,
// so TCP, TLS, the simulator, the fuzzer and the captured vectors all drive the same code. It does not matter
// which side opened the connection.
//
//   session s(config);
//   write(s.take_output());                      // both greeting lines; nobody waits for the peer
//   for (std::string_view in = received;;) {     // after each read
//     session_step step = s.feed(in);
//     in.remove_prefix(step.consumed);
//     write(s.take_output());
//     if (step.event == session_event::failed) ...   // close; s.failure() says why
//     ...                                            // as session_event says
//   }
//
// feed() stops at each event and does not consume the bytes after it. After any event but none, and after
// tls_ready() or send_auth(), call it again with the bytes that are left, even if there are none. No event
// comes twice.
//
// Cost: until forget_handshake() a few kilobytes, whatever the peer sends; two or three hashes of a few
// hundred bytes. One owner at a time; not thread-safe. The owner does the time-outs: aemp-protocol G, first
// row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/auth.hpp"
#include "wire/encryption.hpp"
#include "wire/greeting.hpp"
#include "wire/session_error.hpp"

namespace aemp::wire {

// What a node says and wants in a handshake. Required are only node_id, nonce, and a secret or TLS.
struct session_config {
  std::string node_id;
  std::string secret;          // bytes, UTF-8 if text; empty: none
  bool tls_available = false;  // a certificate is configured, so the owner can start TLS when asked to
  // What this side says about TLS with a key made from the secret. `required` without a secret needs
  // certificates.
  psk_wish psk = psk_wish::none;

  // The methods that we prove ourselves with, and those that we accept as proof, best first. The defaults
  // talk to 1.x and 2.x nodes, and send neither the secret itself nor an unproven line inside TLS.
  std::vector<auth_method> auth_offer = {auth_method::tls_sha3_512, auth_method::tls_md6_64_256,
                                         auth_method::hmac_sha3_512, auth_method::hmac_md6_64_256};
  std::vector<auth_method> auth_accept = {auth_method::tls_sha3_512, auth_method::tls_md6_64_256,
                                          auth_method::hmac_sha3_512, auth_method::hmac_md6_64_256,
                                          auth_method::tls_anon};
  // The framings that we read and write, best first. We send in the first one of the peer's list that is
  // here, too; in storable only when there is no other, as it loses the kinds of values.
  std::vector<std::string> framings = {"cbor", "json", "storable"};

  std::string nonce;              // see make_nonce; never used for two sessions
  std::string peeraddr;           // the peer's address as seen from here, host:port
  std::string provider = "aemp";  // who we are, for people
  // Appended to the greeting: mproto=1, arbiter=1.
  std::vector<std::pair<std::string, std::string>> more_keys;
  std::string protocol = "aemp";                         // or aemp-<word>
  std::vector<std::string> served_protocols = {"aemp"};  // the peer's word must be one of these

  // Sent as line 1 instead of one made from the fields above, to repeat a captured handshake byte for byte.
  std::optional<std::string> captured_line;
};

// The authentication methods to list in our greeting: those of auth_accept that can succeed with what is
// configured. tls_* come first, because inside TLS a real node picks the first it knows, and fails if that is
// an hmac (C.5).
[[nodiscard]] std::vector<auth_method> auth_to_list(const session_config& config);

enum class session_event : std::uint8_t {
  none,              // wants more bytes, or waits for tls_ready() or send_auth()
  peer_named,        // line 1 is acceptable, nothing is proven yet: close, or hold_auth(), or go on
  start_tls_client,  // see encryption(); the rest of the bytes is TLS; call tls_ready() or tls_failed()
  start_tls_server,
  verified,  // the peer's proof is right; ours is held back until send_auth()
  ready,     // both proofs are done; the rest of the bytes are packets
  failed,    // close; failure() says why
};

struct session_step {
  std::size_t consumed = 0;  // of the bytes given to feed
  session_event event = session_event::none;
};

class session {
 public:
  // Throws std::invalid_argument if the greeting cannot be written (see print_greeting) or the nonce is
  // empty.
  explicit session(session_config config);

  // When ready: frees what only the handshake needed, some kilobytes, among it the secret and the key. Of the
  // peer's greeting the names, the version and the keys stay.
  void forget_handshake();

  // Returns what has to be written to the peer now, in order. Fetch it before starting TLS: what comes out
  // after tls_ready() belongs inside.
  [[nodiscard]] std::string take_output();

  [[nodiscard]] session_step feed(std::string_view in);

  // Keeps our authentication line back until send_auth(). Call it before or at peer_named; later the line may
  // be out already. The arbiter of two nodes does this, so that of several connections to one node only one
  // completes (docs/architecture.md).
  void hold_auth();
  // Releases the line: at once if the handshake is that far, else when it is. Does nothing without
  // hold_auth(). A peer that plays by the arbiter's rule (docs/protocol.md) is told the number of this
  // acceptance, if it is not 0: of two, the later one has the greater number.
  void send_auth(std::uint64_t acceptance = 0);

  // Whether our authentication line is out. A packet may follow it, in framing_to_write(), whether or not the
  // peer's proof has come.
  [[nodiscard]] bool has_shown_proof() const { return auth_sent_; }

  // TLS is up: from now on feed() gets what is inside it.
  void tls_ready();
  // TLS did not come up. Returns the error to report; with a key made from the secret it says why that may
  // be. The names of `why` are those of net/transport.hpp.
  [[nodiscard]] aemp::error tls_failed(const aemp::error& why);

  // Valid from peer_named on.
  [[nodiscard]] const greeting& peer() const { return peer_; }
  // Valid once both greetings are read (ready, verified, and before that where TLS is started).
  [[nodiscard]] aemp::wire::encryption encryption() const { return encryption_; }
  // The key for TLS, 32 bytes, if encryption() is secret. Else empty: TLS uses the owner's certificates.
  [[nodiscard]] const std::string& psk() const { return psk_; }
  // Valid when ready: how we proved ourselves, how the peer did, and the framings of both directions; our own
  // framing is valid once has_shown_proof() is true.
  [[nodiscard]] auth_method own_auth() const { return own_auth_; }
  [[nodiscard]] auth_method peer_auth() const { return peer_auth_; }
  [[nodiscard]] const std::string& framing_to_write() const { return framing_to_write_; }
  [[nodiscard]] const std::string& framing_to_read() const { return framing_to_read_; }
  // Valid when ready: what the peer's line says as the number of its acceptance, or 0.
  [[nodiscard]] std::uint64_t peer_acceptance() const { return peer_acceptance_; }
  // Valid after failed.
  [[nodiscard]] const aemp::error& failure() const { return failure_; }
  [[nodiscard]] bool failed_with(session_error e) const { return failure_.name == to_text(e); }

  // Our own line 1, for logs.
  [[nodiscard]] const std::string& own_greeting() const { return own_line_; }

 private:
  enum class phase : std::uint8_t { greeting, nonce, tls, choosing, auth, proven, ready, failed };

  [[nodiscard]] session_event on_greeting();
  [[nodiscard]] session_event on_nonce();
  [[nodiscard]] session_event start_tls(bool as_client);
  [[nodiscard]] session_event choose();
  [[nodiscard]] session_event on_auth();
  [[nodiscard]] session_event fail(session_error code, std::string_view detail = {});
  [[nodiscard]] bool is_proof(auth_method method, std::string_view data);
  void write_auth_line();
  void show_proof();
  [[nodiscard]] std::string subject() const;             // for error texts: who the peer is
  [[nodiscard]] std::string_view complete_line() const;  // without line end
  [[nodiscard]] greeting_lines own_lines() const { return {own_line_, config_.nonce}; }
  [[nodiscard]] greeting_lines peer_lines() const { return {peer_.line, peer_nonce_}; }
  [[nodiscard]] auth_means means() const {
    return {config_.secret, encryption_ == aemp::wire::encryption::certificates};
  }

  session_config config_;
  std::string own_line_;
  std::string output_;
  std::string line_;  // the line that is arriving
  greeting peer_;
  std::string peer_nonce_;
  std::string psk_;
  std::string one_byte_secret_;  // the form of the secret that the peer takes; empty: the usual one
  std::string framing_to_write_;
  std::string framing_to_read_;
  aemp::error failure_;
  phase phase_ = phase::greeting;
  auth_method own_auth_ = auth_method::tls_anon;
  auth_method peer_auth_ = auth_method::tls_anon;
  aemp::wire::encryption encryption_ = aemp::wire::encryption::none;
  std::uint64_t acceptance_ = 0, peer_acceptance_ = 0;
  bool held_ = false;
  bool auth_sent_ = false;
};

}  // namespace aemp::wire
