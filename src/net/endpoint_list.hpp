// Lists of places as people write them: a noderef for become_public, binds, seeds. A list consists of parts,
// separated by commas. Each part is resolved into endpoints. These come in the order of the parts, for one
// part in the resolver's order, and each once (aemp-protocol A.6, B.8). Blocks on the resolver, so use it for
// start-up only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "net/endpoint.hpp"
#include "net/transport.hpp"

namespace aemp::net {

// One part of a list, before it is resolved. The service is a number, a name, `*`, or empty if the part has
// none.
struct descriptor {
  std::string host;
  std::string service;

  friend bool operator==(const descriptor&, const descriptor&) = default;
};

struct resolved_list {
  std::vector<endpoint> endpoints;  // never empty
  // A sentence for each part that was left out because it does not resolve.
  std::vector<std::string> warnings;
};

// Splits a list into its parts. Digits alone are a port of this machine, and an empty part is this machine;
// otherwise a part is host[:service], [v6][:service], or a bare v6, unless that may be meant as v6:port.
// Errors: unparsable_descriptor ("unparsable transport descriptor", and what to write).
[[nodiscard]] AEMP_PRIVATE_API result<std::vector<descriptor>> split_descriptors(
    std::string_view list, const std::string& host_name);

// Whether a list is valid for binds, or for seeds, as far as one can tell without the resolver. Error:
// unparsable_descriptor.
[[nodiscard]] result<void> check_binds(std::string_view list);
[[nodiscard]] result<void> check_seeds(std::string_view list);

// For become_public (A.6): a part without a port gets that of the service aemp, or 4040. Errors:
// unparsable_descriptor; unresolvable, when no part resolves.
[[nodiscard]] result<resolved_list> normalise_noderef(std::string_view list, transport& net);

// For binds (B.8). The host `*` is every own IPv4 address except 127.*, and every own IPv6 address in
// 2000::/3 and fc00::/7. The port `*`, 0 or no port becomes 0, which lets the system choose. Errors as above.
[[nodiscard]] result<resolved_list> resolve_binds(std::string_view list, transport& net);

// For seeds: each part has to name a host and a port, since somebody listens there already. Host names are
// not looked up here, so this does not block: their addresses may change, and the name server may be away.
// Errors: unparsable_descriptor; unresolvable, for a service name that this machine does not know.
[[nodiscard]] result<std::vector<place>> seed_places(std::string_view list, transport& net);

// 127.0.0.1:4040,[::1]:4040
[[nodiscard]] AEMP_PRIVATE_API std::string join(const std::vector<endpoint>& endpoints);

}  // namespace aemp::net
