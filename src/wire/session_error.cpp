// The sentences. Each says what to do, since the reader is somebody who cannot get two nodes to connect.
#include "wire/session_error.hpp"

namespace aemp::wire {
namespace {

struct entry {
  std::string_view name;
  std::string_view sentence;
};

entry look_up(session_error e) {
  switch (e) {
    case session_error::line_too_long:
      return {"line_too_long", "a handshake line is longer than 4096 bytes; is that really an aemp node?"};
    case session_error::unparsable_greeting:
      return {"unparsable_greeting",
              "this is no aemp greeting; check that the address is that of an aemp node"};
    case session_error::unknown_protocol:
      return {"unknown_protocol", "the peer asks for a service that this node does not have"};
    case session_error::version_mismatch:
      return {"version_mismatch",
              "only protocol version 1 (AnyEvent::MP 1.1 and later) is understood; update the older node"};
    case session_error::bad_node_id:
      return {
          "bad_node_id",
          "a node ID must not contain '#' or control characters, nor more than 255 bytes; rename that node"};
    case session_error::talking_to_myself:
      return {"talking_to_myself",
              "I refuse to talk to myself; if this is another node, give it a node ID of its own"};
    case session_error::echo_attack:
      return {"echo_attack", "the peer sent our own greeting back: an echo service, or an attack"};
    case session_error::no_secret_and_no_tls:
      return {
          "no_secret_and_no_tls",
          "TLS is not possible on both sides and no shared secret is configured; give both nodes the same "
          "secret (config.secret or ~/.aemp-secret), or both a certificate"};
    case session_error::no_common_auth:
      return {
          "no_common_auth",
          "the peer accepts none of the authentication methods that this node offers and can use; compare "
          "auth_offer with the peer's auth_accept, and check that both nodes have a secret or both have a "
          "certificate"};
    case session_error::no_common_framing:
      return {"no_common_framing",
              "the peer reads none of our framings; add json to the framings of both nodes"};
    case session_error::unknown_auth_method:
      return {"unknown_auth_method",
              "the peer chose an authentication method that this library does not know"};
    case session_error::auth_method_not_accepted:
      return {
          "auth_method_not_accepted",
          "the peer chose an authentication method that is not in our auth_accept or not possible on this "
          "connection; change the peer's auth_offer or our auth_accept"};
    case session_error::missing_auth_data:
      return {"missing_auth_data",
              "the peer's authentication line is incomplete; is that really an aemp node?"};
    case session_error::wrong_secret:
      return {"wrong_secret",
              "the shared secrets differ; both nodes must have the same one (config.secret or "
              "~/.aemp-secret; a line end at the end of a file counts). If they are the same, somebody "
              "changes the "
              "greetings on their way"};
    case session_error::wrong_tls_auth:
      return {"wrong_tls_auth",
              "the peer's proof inside TLS does not fit the greetings; somebody may have changed them on the "
              "way"};
    case session_error::unusable_framing:
      return {"unusable_framing", "the peer chose a framing that we did not offer to read"};
    case session_error::encryption_required:
      return {
          "encryption_required",
          "one of the two nodes has encryption set to required, and the other cannot encrypt; nodes of "
          "this library need the same secret, and encryption not off; other nodes need the same certificates "
          "(cert)"};
    case session_error::greeting_changed:
      return {"greeting_changed",
              "the two nodes disagree on encryption, so a greeting was changed on its way; look for what is "
              "between them: a proxy that rewrites, or an attacker"};
  }
  return {"unknown", "an unknown error"};
}

}  // namespace

std::string_view to_text(session_error e) { return look_up(e).name; }

std::string_view describe(session_error e) { return look_up(e).sentence; }

aemp::error make_error(session_error e, std::string particulars) {
  particulars += ": ";
  particulars += describe(e);
  return {std::string(to_text(e)), std::move(particulars)};
}

std::string quoted(std::string_view text) {
  constexpr std::size_t enough = 60;
  std::string out = "'";
  for (const char c : text.substr(0, enough)) out += c >= 0x20 && c <= 0x7e ? c : '?';
  out += text.size() > enough ? "...'" : "'";
  return out;
}

}  // namespace aemp::wire
