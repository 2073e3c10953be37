// What a certificate says of its owner: the node IDs that it may take, and the groups that it may be in where
// callers of a function are named by group. Each is a URI among the subject's other names, `aemp:` and a
// pattern, in which `*` stands for any characters and %XX for a byte: aemp:worker/*, aemp:@admins. A
// certificate without any says nothing: its owner may take every ID that is free (docs/protocol.md,
// "certificates").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>

namespace aemp::mesh {

using certified_names =
    std::vector<std::string>;  // without `aemp:`, %XX decoded; those of groups begin with '@'

bool matches(std::string_view pattern, std::string_view text);

// Whether the owner may call its node so. Errors: not_its_name; `whose` begins the text: "its certificate".
result<void> check_node_name(const certified_names& names, const std::string& node, std::string_view whose);

// Whether what it registers in that group counts. `group` without the '@'.
bool allows_group(const certified_names& names, std::string_view group);

}  // namespace aemp::mesh
