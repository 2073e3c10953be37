// Names that a node makes up.
#pragma once

#include <string>
#include <string_view>

#include <aemp/config.hpp>
#include <aemp/result.hpp>

#include "api/environment.hpp"

namespace aemp {

// So many random letters and digits: about 6 bits each.
std::string random_word(environment& world, std::size_t size);

// <pid>@<host>: what a node is called that nobody can reach (aemp-protocol A.1).
std::string private_node_id();

std::string host_name();

// Whether this can be a node ID, %n and %u included. Error: bad_node_id.
result<void> check_node_id(std::string_view id);

// The configured ID, or the profile, or the host's name; a trailing '/' is completed with a random word, %n
// is the host name, %u a random word (aemp-protocol B.1, I.3). Throws start_error for an ID that cannot be
// one (bad_node_id).
std::string node_id_of(const config& settings, environment& world);

}  // namespace aemp
