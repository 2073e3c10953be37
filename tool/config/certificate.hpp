// Certificates for nodes: one that all nodes of a network share, as the original makes it, or one for each,
// signed by an authority of one's own. Keys are on the curve P-256. All is PEM text, certificate(s) first and
// then the key of the first one, as the key `cert` of the configuration takes it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <aemp/result.hpp>

namespace aemp::tool {

// Signs itself, for ten years; its name is AnyEvent::MP.
std::string make_shared_certificate();
// May sign others, for twenty years.
std::string make_authority(const std::string& name);
// For one node, signed by the authority, whose certificate comes with it: nodes trust what their text holds.
// It is never valid for longer than the authority. Errors: bad_certificate, when `authority` is none.
// `names` are the node IDs that its owner may take, and "@group"s (mesh/certified.hpp); none: all.
result<std::string> make_node_certificate(const std::string& authority, const std::string& node,
                                          const std::vector<std::string>& names);

// What a certificate text says of itself, for people and for doctor. Errors: bad_certificate.
struct certificate_facts {
  std::string name;  // of its owner
  std::string issuer;
  std::string until;  // "2036-11-20"
  std::int64_t days_left = 0;
  std::vector<std::string> names;  // of nodes and groups; empty: all
};
result<certificate_facts> facts_of(const std::string& pem);

// So many random letters and digits.
std::string random_letters(std::size_t count);

}  // namespace aemp::tool
