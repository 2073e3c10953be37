// Port IDs in messages of the protocol, where a text without '#' is the ID of a node port. Elsewhere such a text is no ID
// (include/aemp/convert.hpp).
#pragma once

#include <optional>

#include <aemp/export.hpp>
#include <aemp/value.hpp>

namespace aemp::detail {

AEMP_PRIVATE_API std::optional<port_id> to_port_or_node(const value& v);

}  // namespace aemp::detail
