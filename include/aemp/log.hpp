// The log: one function that gets every message. The levels are those of AnyEvent::MP: 0 always, 1 errors and
// the unexpected, 2 warnings, 5 dropped messages, 7 connectivity and services, 8 debug, 9 trace.
#pragma once

#include <functional>
#include <string_view>

#include <aemp/export.hpp>

namespace aemp {

using log_sink = std::function<void(int level, std::string_view text)>;

// Replaces the sink; an empty function restores the default. The default sink prints levels up to 5 (or
// AEMP_WARNLEVEL, else PERL_ANYEVENT_MP_WARNLEVEL) to stderr as `YYYY-MM-DD HH:MM:SS <level> text`. It drops
// lines rather than wait for a slow reader.
//
// Your sink is called on any thread, one call at a time. It must not log and must not block, as nodes stand
// still meanwhile. What it throws is ignored.
//
// Every text is one line when it reaches the sink: control characters are escaped, and text is cut at 3500
// bytes. Lines that a peer or a loop can cause are limited to ten a minute for each subject, then the number
// of suppressed lines follows.
AEMP_API void set_log_sink(log_sink sink);

// Writes to the log. Not limited.
AEMP_API void log(int level, std::string_view text);

// Whether anybody would see this level. Ask before you build an expensive message.
AEMP_API bool log_enabled(int level) noexcept;
AEMP_API void set_log_level(int level) noexcept;

// Traces each message, whatever the level: a line `SND port elements…` at level 9 when it is sent to a port
// here or put on a connection, and `RCV port elements…` when it has arrived and is about to be handled.
// Initially true when AEMP_TRACE or PERL_ANYEVENT_MP_TRACE is set, unless to 0, false, no or off. Running
// nodes notice a change at their next turn. Cost: some microseconds a message when traced, nothing otherwise.
AEMP_API void set_trace(bool on) noexcept;

}  // namespace aemp
