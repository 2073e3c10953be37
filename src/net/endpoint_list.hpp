// Lists of places as people write them: a noderef for become_public, binds, seeds. A list is made of parts
// with commas between them; each part is resolved, and what comes out are endpoints in the order of the
// parts, inside a part in the resolver's order, each endpoint once (aemp-protocol A.6, B.8). Waits for the
// resolver: for start-up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>

#include "net/endpoint.hpp"
#include "net/transport.hpp"

namespace aemp::net {

// One part of a list, before it is resolved. The service is a number, a name, `*`, or empty when the part has
// none.
struct descriptor {
  std::string host;
  std::string service;

  friend bool operator==(const descriptor&, const descriptor&) = default;
};

struct resolved_list {
  std::vector<endpoint> endpoints;  // never empty
  std::vector<std::string>
      warnings;  // a sentence for each part that was left out because it does not resolve
};

// Cuts a list into its parts. Digits alone are a port of this machine, an empty part is this machine;
// otherwise host[:service], [v6][:service] or a bare v6, unless that may be meant as v6:port. Errors:
// unparsable_descriptor ("unparsable transport descriptor", and what to write).
[[nodiscard]] result<std::vector<descriptor>> split_descriptors(std::string_view list,
                                                                const std::string& host_name);

// Whether a list can be one of binds, or of seeds, as far as that can be seen without asking the resolver.
// Error: unparsable_descriptor.
[[nodiscard]] result<void> check_binds(std::string_view list);
[[nodiscard]] result<void> check_seeds(std::string_view list);

// For become_public (A.6): a part without a port has that of the service aemp, or 4040.
// Errors: unparsable_descriptor; unresolvable, when no part resolves.
[[nodiscard]] result<resolved_list> normalise_noderef(std::string_view list, transport& net);

// For binds (B.8): the host `*` is every own IPv4 address except 127.*, and every own IPv6 address in
// 2000::/3 and fc00::/7; the port `*`, 0 or none at all comes out as 0, which lets the system choose. Errors
// as above.
[[nodiscard]] result<resolved_list> resolve_binds(std::string_view list, transport& net);

// For seeds: each part has to name a host and a port, for somebody listens there already. The hosts are not
// looked up, so nobody is waited for: their addresses may change, and the name server may be away. Errors:
// unparsable_descriptor; unresolvable, for the name of a service that this machine does not know.
[[nodiscard]] result<std::vector<place>> seed_places(std::string_view list, transport& net);

// 127.0.0.1:4040,[::1]:4040
[[nodiscard]] std::string join(const std::vector<endpoint>& endpoints);

}  // namespace aemp::net
