// `aemp shell`: commands that a person types, or a script, one line after the other, in one session: the tool
// is one node as long as the shell lasts. It has a port of its own ($me), and shows what arrives there, and
// which ports that it watches have died, at once, above the line that is being typed.
//
// The node runs while the line editor waits for a key, and while a command runs; both on the main thread
// (session.hpp). A thread tells the node of keys and signals (console.hpp).
#pragma once

#include "tool/context.hpp"

namespace aemp::tool {

// Until `quit`, the end of input, or SIGTERM. `done` at a terminal; for a script the status of the last
// command that failed.
int shell(context& all);

}  // namespace aemp::tool
