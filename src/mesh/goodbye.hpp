// The last message of a node that stops, to peers whose greeting says that they understand it. It tells them
// that the node did not crash, and that nothing follows (docs/protocol.md).
#pragma once

#include <aemp/message.hpp>

namespace aemp::mesh {

inline constexpr const char* goodbye_key = "goodbye";        // of the greeting
inline constexpr const char* node_stopped = "node_stopped";  // the reason of monitors

inline message goodbye() { return message("aemp::goodbye"); }
inline bool is_goodbye(const message& m) { return m.size() == 1 && m[0] == value("aemp::goodbye"); }

}  // namespace aemp::mesh
