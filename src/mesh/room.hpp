// Questions to ports of other nodes (core/port_question.hpp), in words that the other node understands. A node whose
// greeting does not have the key `room` is asked to send the answer back itself, by the request `snd` of the original.
// That answers when the node has handled what was sent before, and is all that can be known of it.
#pragma once

#include <aemp/message.hpp>

#include "core/intake.hpp"
#include "core/port_question.hpp"

namespace aemp::mesh {

inline constexpr const char* room_key = "room";  // of the greeting

// Empty: there is nothing to ask, as such a node never drops a message because a port has no room.
inline message question_for(const message& question, bool understands) {
  if (understands) return question;
  if (question[0] == value(core::overload_tag)) return {};
  return message("snd", question[2], std::uint64_t{core::intake::usual_room});
}

}  // namespace aemp::mesh
