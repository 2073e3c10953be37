// Names that a node makes up.
#pragma once

#include <string>
#include <string_view>

#include <aemp/config.hpp>
#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "api/environment.hpp"

namespace aemp::api {

// So many random letters and digits, with about 6 bits each.
AEMP_PRIVATE_API std::string random_word(environment& world, std::size_t size);

// <pid>@<host>: the ID of a node that nobody can reach (aemp-protocol A.1).
std::string private_node_id();

AEMP_PRIVATE_API std::string host_name();

// Whether this can be a node ID, possibly with %n and %u. Error: bad_node_id.
AEMP_PRIVATE_API result<void> check_node_id(std::string_view id);

// The configured ID, or the profile, or the host's name. A trailing '/' gets a random word appended, %n
// becomes the host's name, %u a random word (aemp-protocol B.1, I.3). Throws start_error (bad_node_id) if the
// result is not a node ID.
std::string node_id_of(const config& settings, environment& world);

}  // namespace aemp::api
