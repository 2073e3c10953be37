// What a certificate says of its owner: which node IDs it may take, and in which groups it counts where the
// callers of a function are named by group. Each is a URI among the subject's alternative names: `aemp:` and a
// pattern, in which `*` stands for any characters and %XX for a byte, as in aemp:worker/*, aemp:@admins. A
// certificate without such names allows everything: its owner may take every ID that is free
// (docs/protocol.md, "certificates").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>

namespace aemp::mesh {

using certified_names =
    std::vector<std::string>;  // without `aemp:`, %XX decoded; those of groups begin with '@'

bool matches(std::string_view pattern, std::string_view text);

// Whether the owner's node may have that ID. Errors: not_its_name. Its text begins with `whose`, for example
// "its certificate".
result<void> check_node_name(const certified_names& names, const std::string& node, std::string_view whose);

// Whether ports that the owner registers in that group count. `group` is without the '@'.
bool allows_group(const certified_names& names, std::string_view group);

}  // namespace aemp::mesh
