// Greeting line 1: who a node is, which authentication it accepts, and which framings it reads (aemp-protocol
// C.2, I.2):
//
//   aemp;1;seed1;tls_md6_64_256,hmac_md6_64_256;json;peeraddr=127.0.0.1:36220;provider=AE-1.30
//
// The line is kept as it was sent, because both sides compute the authentication over those very bytes. Real
// greetings do not escape semicolons, so values cannot hold one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/result.hpp>

namespace aemp::wire {

// Bytes of any handshake line without its LF; the limit of real nodes.
inline constexpr std::size_t max_line = 4096;
// Bytes; our limit, since a node ID goes into every port ID and log line.
inline constexpr std::size_t max_node_id = 255;

struct greeting {
  std::string line;                   // all of it, without the line end
  std::string protocol;               // "aemp", or "aemp-<word>" for another service on the same listener
  std::string version;                // as written; see is_version_1
  std::string node_id;                // may be empty on a node that was not configured
  std::vector<std::string> auth;      // accepted by its sender, best first
  std::vector<std::string> framings;  // readable by its sender, best first
  std::vector<std::pair<std::string, std::string>> keys;  // in order; a key without '=' has an empty value

  // The value of the first key with that name.
  [[nodiscard]] std::optional<std::string_view> key(std::string_view name) const;

  // Whether the sender has a certificate and speaks the TLS version of the protocol: key tls with integer
  // part 1 (C.4).
  [[nodiscard]] bool offers_tls() const;

  // Whether the sender speaks version 2 and is not ours: it has the keys of 2.x, and none of
  // docs/protocol.md.
  [[nodiscard]] bool is_foreign_version_2() const;
};

// Parses any line that a real node sends or accepts. Errors are those of session_error that line 1 can cause:
// unparsable_greeting, version_mismatch, bad_node_id; the text quotes what came instead. Cost: linear, for at
// most max_line bytes.
[[nodiscard]] result<greeting> parse_greeting(std::string_view line);

// Writes the line for these fields (g.line is ignored). Throws std::invalid_argument if it could not be read
// back the same: a field with ';', CR or LF, a list entry with ',', a node ID that is not allowed, or more
// than max_line - 1 bytes.
[[nodiscard]] std::string print_greeting(const greeting& g);

// A node ID may hold anything but ';' (ends the field), '#' (starts the port name) and control characters,
// and has at most max_node_id bytes. Empty is allowed here; the session refuses to connect to such a node.
[[nodiscard]] bool is_node_id(std::string_view id);

// Real nodes compare numerically: "1", "1.0" and "01" pass, "1.5" and "2" do not.
[[nodiscard]] bool is_version_1(std::string_view version);

}  // namespace aemp::wire
