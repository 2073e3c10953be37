// Pure logic on top of transport::resolve_now(). resolve_parts() is what the three kinds of list share; they
// differ in the function that turns one part into endpoints.
#include "net/endpoint_list.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include <arpa/inet.h>

namespace aemp::net {
namespace {

aemp::error unparsable(std::string_view part, std::string hint) {
  return {"unparsable_descriptor",
          "'" + std::string(part) + "': unparsable transport descriptor; " + std::move(hint)};
}

bool only_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The parts between the commas. Empty parts at the end are ignored, except that an empty list is one empty
// part.
std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t comma = list.find(',');
    parts.push_back(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

// 1.2.3.300, 1.2.3.4.5: no host has such a name. Short forms such as 127.1 are addresses.
bool is_broken_ipv4(const std::string& host) {
  in_addr ignored{};
  return host.find_first_not_of("0123456789.") == std::string::npos &&
         ::inet_aton(host.c_str(), &ignored) == 0;
}

// A number, `*`, or what may be a service name; the resolver knows whether it exists.
bool is_service(std::string_view text) {
  const auto belongs = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+';
  };
  if (text == "*" || only_digits(text)) return true;
  return text[0] != '-' && text[0] != '+' && std::all_of(text.begin(), text.end(), belongs) &&
         std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
}

// ::1:4040 is itself an address, but hardly ever what was meant. Suggests [::1]:4040, if the rest is an
// address, too.
std::string with_port_behind_brackets(std::string_view part) {
  const std::size_t colon = part.rfind(':');
  const std::string_view port = part.substr(colon + 1);
  if (port.empty() || !port_number(port) || !canonical_address(part.substr(0, colon))) return {};
  return "[" + std::string(part.substr(0, colon)) + "]:" + std::string(port);
}

constexpr const char* advice = "write host:port, [address]:port, or a port alone";

result<descriptor> parse_bare_v6(std::string_view part) {
  const std::string meant = with_port_behind_brackets(part);
  const bool is_address = canonical_address(part).has_value();
  if (!meant.empty()) {
    return unparsable(part, "for port " + meant.substr(meant.rfind(':') + 1) + " write " + meant +
                                (is_address ? ", for this address without a port [" + std::string(part) + "]"
                                            : std::string()));
  }
  if (!is_address) return unparsable(part, advice);
  return descriptor{std::string(part), {}};
}

result<descriptor> parse_part(std::string_view part, const std::string& host_name) {
  if (only_digits(part)) {
    if (!part.empty() && !port_number(part)) return unparsable(part, "a port is at most 65535");
    return descriptor{host_name, std::string(part)};
  }
  std::string_view host;
  std::string_view rest;
  if (part.front() == '[') {
    const std::size_t close = part.find(']');
    if (close == std::string_view::npos) return unparsable(part, "the ] is missing");
    host = part.substr(1, close - 1);
    rest = part.substr(close + 1);
    const auto address = canonical_address(host);
    if (!address || address->find(':') == std::string::npos)
      return unparsable(part, "only IPv6 addresses have [ ]");
  } else if (std::count(part.begin(), part.end(), ':') > 1) {
    return parse_bare_v6(part);
  } else {
    host = part.substr(0, part.find(':'));
    rest = part.substr(host.size());
    if (is_broken_ipv4(std::string(host))) return unparsable(part, "there is no such IPv4 address");
  }
  if (host.empty() || host.find_first_of(" \t[]") != std::string_view::npos) return unparsable(part, advice);
  if (!rest.empty()) {
    if (rest.front() != ':' || rest.size() == 1) return unparsable(part, advice);
    rest.remove_prefix(1);
    if (only_digits(rest) && !port_number(rest)) return unparsable(part, "a port is at most 65535");
    if (!is_service(rest)) {
      return unparsable(part, "'" + std::string(rest) +
                                  "' is no port: write a number up to 65535, *, or the name of a service");
    }
  }
  return descriptor{std::string(host), std::string(rest)};
}

// A seed needs a host and a port, as somebody has to listen there already.
result<void> check_seed(const descriptor& part) {
  const bool any_port = part.service.empty() || part.service == "*" || port_number(part.service) == 0;
  if (part.host != "*" && !any_port) return {};
  return unparsable(part.host + (part.service.empty() ? "" : ":" + part.service),
                    "a seed needs a host and a port, for somebody has to listen there: write host:port");
}

// Whether binding to `*` includes this address: everything that another machine may reach (B.8).
bool is_reachable(const std::string& address) {
  if (address.find(':') == std::string::npos) return !address.starts_with("127.");
  const std::size_t colon = address.find(':');
  if (colon != 4) return false;  // both ranges have four digits in front
  const char first = address[0];
  return first == '2' || first == '3' || (first == 'f' && (address[1] == 'c' || address[1] == 'd'));
}

template <class Resolve>
result<resolved_list> resolve_parts(std::string_view list, transport& net, Resolve resolve) {
  const auto parts = split_descriptors(list, net.host_name());
  if (!parts) return parts.error();
  resolved_list out;
  std::string reasons;
  for (const descriptor& part : parts.value()) {
    result<std::vector<endpoint>> found = resolve(part);
    if (!found) {
      if (found.error().name != "unresolvable") return found.error();
      out.warnings.push_back(found.error().text);
      reasons += (reasons.empty() ? "" : "; ") + found.error().text;
      continue;
    }
    for (endpoint& place : *found) {
      const bool known = std::find(out.endpoints.begin(), out.endpoints.end(), place) != out.endpoints.end();
      if (!known) out.endpoints.push_back(std::move(place));
    }
  }
  if (out.endpoints.empty()) {
    return aemp::error{"unresolvable",
                       "nothing in '" + std::string(list) + "' resolves to an address: " + reasons};
  }
  return out;
}

}  // namespace

result<std::vector<descriptor>> split_descriptors(std::string_view list, const std::string& host_name) {
  std::vector<descriptor> out;
  for (const std::string_view part : parts_of(list)) {
    auto parsed = parse_part(part, host_name);
    if (!parsed) return parsed.error();
    out.push_back(std::move(parsed).value());
  }
  return out;
}

result<void> check_binds(std::string_view list) {
  const auto parts = split_descriptors(list, "localhost");
  return parts ? result<void>() : result<void>(parts.error());
}

result<void> check_seeds(std::string_view list) {
  const auto parts = split_descriptors(list, "localhost");
  if (!parts) return parts.error();
  for (const descriptor& part : *parts) {
    if (auto good = check_seed(part); !good) return good.error();
  }
  return {};
}

result<resolved_list> normalise_noderef(std::string_view list, transport& net) {
  return resolve_parts(list, net, [&](const descriptor& part) {
    return net.resolve_now(part.host, part.service.empty() ? "aemp=4040" : part.service);
  });
}

result<resolved_list> resolve_binds(std::string_view list, transport& net) {
  return resolve_parts(list, net, [&](const descriptor& part) -> result<std::vector<endpoint>> {
    const std::string service = part.service.empty() || part.service == "*" ? "0" : part.service;
    if (part.host != "*") return net.resolve_now(part.host, service);
    // The port may be a service name, which the transport knows only together with a host.
    auto any = net.resolve_now("127.0.0.1", service);
    if (!any) return any.error();
    std::vector<endpoint> own;
    for (const bool v6 : {false, true}) {
      for (const std::string& address : net.own_addresses()) {
        const endpoint place{address, any->front().port};
        if (place.is_v6() == v6 && is_reachable(address)) own.push_back(place);
      }
    }
    if (own.empty()) {
      return aemp::error{"unresolvable",
                         "'*': this machine has no address that others can reach; bind to 127.0.0.1"};
    }
    return own;
  });
}

result<std::vector<place>> seed_places(std::string_view list, transport& net) {
  const auto parts = split_descriptors(list, net.host_name());
  if (!parts) return parts.error();
  std::vector<place> out;
  for (const descriptor& part : *parts) {
    if (auto good = check_seed(part); !good) return good.error();
    // The transport knows services only together with a host, and 127.0.0.1 needs no name server.
    const auto service = net.resolve_now("127.0.0.1", part.service);
    if (!service) {
      return aemp::error{"unresolvable", "seed " + part.host + ":" + part.service +
                                             ": there is no service '" + part.service +
                                             "' in /etc/services; write the port's number"};
    }
    const place one{canonical_address(part.host).value_or(part.host), service->front().port};
    if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
  }
  return out;
}

std::string join(const std::vector<endpoint>& endpoints) {
  std::string out;
  for (const endpoint& place : endpoints) {
    if (!out.empty()) out += ',';
    out += place.str();
  }
  return out;
}

}  // namespace aemp::net
