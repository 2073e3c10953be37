// How large and how deep messages to a node may be. A node says so in its greeting (keys max_message and
// max_depth, docs/protocol.md), so that a message that it would refuse fails at the sender. Nodes of the
// original say nothing: they take everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <aemp/limits.hpp>
#include <aemp/message.hpp>
#include <aemp/result.hpp>

#include "wire/framing.hpp"
#include "wire/greeting.hpp"

namespace aemp::mesh {

struct message_limits {
  std::size_t max_message = SIZE_MAX;  // bytes, as data::measure_of counts them
  std::size_t max_depth = SIZE_MAX;

  bool is_within(const limits& l) const noexcept {
    return max_message >= l.max_message && max_depth >= l.max_depth;
  }
};

std::vector<std::pair<std::string, std::string>> limit_keys(const limits& own);
message_limits limits_in(const wire::greeting& peer);

// Errors: message_too_large, message_too_deep. Cost: a look at each element.
result<void> check(const message_limits& of_peer, const message& m);

// The limits of a decoder for packets that carry such messages.
wire::framing_limits decoder_limits(const limits& own, std::string_view framing);

}  // namespace aemp::mesh
