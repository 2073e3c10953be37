// Why a handshake failed: one name per reason, with a sentence for each (aemp-protocol G). Errors are never
// explained to the peer; the names are for logs, for the tool and for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <aemp/result.hpp>

namespace aemp::wire {

enum class session_error : std::uint8_t {
  line_too_long,             // more than max_line bytes without a line end
  unparsable_greeting,       // line 1 is not an aemp greeting: another protocol, or fields are missing
  unknown_protocol,          // aemp-<word> with a word that nothing here serves
  version_mismatch,          // protocol version other than 1
  bad_node_id,               // a node ID that no port ID can hold
  talking_to_myself,         // the peer's node ID is ours, or empty
  echo_attack,               // the peer sends back our own nonce or greeting
  no_secret_and_no_tls,      // neither side could prove anything
  no_common_auth,            // the peer accepts no method that we offer and that is possible here
  no_common_framing,         // the peer reads no framing that we write
  unknown_auth_method,       // the peer's authentication line names a method that we do not know
  auth_method_not_accepted,  // we know it, but auth_accept does not list it, or it is impossible here
  missing_auth_data,         // the authentication line ends after the method, or has no data
  wrong_secret,              // the peer's proof with the shared secret does not verify
  wrong_tls_auth,            // the peer's proof inside TLS does not verify
  unusable_framing,          // the peer chose a framing that we did not list
  encryption_required,       // one side refuses connections in the clear, and the other cannot encrypt
  greeting_changed,          // one side has read another greeting than the other has sent
};

// The enumerator's name, which is also the name of the aemp::error.
[[nodiscard]] std::string_view to_text(session_error e);

// One sentence: what happened and what to do about it, without the particulars of a connection.
[[nodiscard]] std::string_view describe(session_error e);

// The error with the enumerator's name, and as text: particulars + ": " + the sentence.
[[nodiscard]] aemp::error make_error(session_error e, std::string particulars);

// Bytes from a stranger, for a log line: in quotes, cut, and without control or non-ASCII characters.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace aemp::wire
