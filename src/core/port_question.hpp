// What can be asked of a port by those who send to it (include/aemp/port_limits.hpp), and how that is said to another
// node: a message to its node port, [tag, name of the port, reply port, a port that stands for the sender]. The answer
// to the reply port is a number (docs/protocol.md, "room=1").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <aemp/message.hpp>

namespace aemp::core {

// Room for messages; to be told the next time that there is none and one is dropped; whether it is there.
enum class port_question : std::uint8_t { room, overload, presence };

inline constexpr std::string_view room_tag = "aemp::room", overload_tag = "aemp::overload",
                                  presence_tag = "aemp::up";

inline std::string_view tag_of(port_question q) noexcept {
  return q == port_question::room ? room_tag : q == port_question::overload ? overload_tag : presence_tag;
}
inline std::optional<port_question> question_of(std::string_view tag) noexcept {
  if (tag == room_tag) return port_question::room;
  if (tag == overload_tag) return port_question::overload;
  if (tag == presence_tag) return port_question::presence;
  return {};
}

}  // namespace aemp::core
