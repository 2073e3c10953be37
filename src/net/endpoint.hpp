// An endpoint is a numeric IP address and a TCP port where a node can be reached. Lists of them, as people
// write them, are in net/endpoint_list.hpp.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

namespace aemp::net {

struct endpoint {
  std::string host;  // numeric, in the system's canonical form, without brackets
  std::uint16_t port = 0;

  // 127.0.0.1:4040, [::1]:55; the form in noderefs and the greeting's peeraddr (aemp-protocol A.6, C.2).
  [[nodiscard]] AEMP_PRIVATE_API std::string str() const;
  [[nodiscard]] bool is_v6() const { return host.find(':') != std::string::npos; }
  // 127.0.0.0/8 and ::1: such traffic does not leave the machine.
  [[nodiscard]] bool is_loopback() const { return host.starts_with("127.") || host == "::1"; }

  // The reverse of str(). Errors: bad_endpoint.
  static result<endpoint> parse(std::string_view text);

  friend bool operator==(const endpoint&, const endpoint&) = default;
  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

// An endpoint as people write it: the host may be a name, whose addresses can change.
struct place {
  std::string host;  // numeric or a name
  std::uint16_t port = 0;

  [[nodiscard]] std::string str() const { return endpoint{host, port}.str(); }
  friend bool operator==(const place&, const place&) = default;
};

// The canonical form of a numeric IPv4 or IPv6 address (a scope stays, as in fe80::1%eth0); nothing for
// anything else.
[[nodiscard]] AEMP_PRIVATE_API std::optional<std::string> canonical_address(std::string_view text);

// 0 to 65535 in digits; nothing for anything else.
[[nodiscard]] AEMP_PRIVATE_API std::optional<std::uint16_t> port_number(std::string_view text);

}  // namespace aemp::net
