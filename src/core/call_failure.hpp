// What a server sends in place of a reply, so that the call fails (docs/protocol.md): ["aemp::failed", reason, …].
#pragma once

#include <optional>

#include <aemp/message.hpp>

namespace aemp::core {

message call_failure(const message& reason);
// The reason, if the answer is such a message.
std::optional<message> failure_in(detail::block& answer);

}  // namespace aemp::core
