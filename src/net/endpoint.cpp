// The system's own parser decides what a numeric address is, and its printer gives the canonical form. So an
// endpoint made here compares equal to one that came from a socket.
#include "net/endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace aemp::net {

std::string endpoint::str() const {
  const std::string port_text = std::to_string(port);
  return is_v6() ? "[" + host + "]:" + port_text : host + ":" + port_text;
}

result<endpoint> endpoint::parse(std::string_view text) {
  const auto bad = [&] {
    return aemp::error{"bad_endpoint",
                       "'" + std::string(text) + "' is no endpoint; write 127.0.0.1:4040 or [::1]:4040"};
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = canonical_address(host);
  const auto number = port_number(text.substr(colon + 1));
  if (!address || !number || bracketed != (address->find(':') != std::string::npos)) return bad();
  return endpoint{*address, *number};
}

std::optional<std::string> canonical_address(std::string_view text) {
  char printed[INET6_ADDRSTRLEN];
  const std::string copy(text);
  in_addr v4;
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return inet_ntop(AF_INET, &v4, printed, sizeof printed);
  const std::size_t percent = std::min(copy.find('%'), copy.size());
  in6_addr v6;
  if (inet_pton(AF_INET6, copy.substr(0, percent).c_str(), &v6) != 1) return std::nullopt;
  return inet_ntop(AF_INET6, &v6, printed, sizeof printed) + copy.substr(percent);
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (text.empty() || problem != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace aemp::net
