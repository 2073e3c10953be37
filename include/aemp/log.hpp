// The log: one function that gets every message. Levels are the original's: 0 always, 1 errors and the
// unexpected, 2 warnings, 5 dropped messages, 7 connectivity and services, 8 debug, 9 trace (aemp-protocol
// B.9).
#pragma once

#include <functional>
#include <string_view>

namespace aemp {

using log_sink = std::function<void(int level, std::string_view text)>;

// Replaces the sink; the default prints levels up to 5 (or AEMP_WARNLEVEL, else PERL_ANYEVENT_MP_WARNLEVEL)
// to stderr as `YYYY-MM-DD HH:MM:SS <level> text`, and leaves lines out rather than wait for whoever reads
// them. An empty function brings the default back. The sink is called on any thread, one call at a time, and
// must not log, nor wait: nodes stand still meanwhile. What it throws is ignored.
//
// Every text is one line when it gets here: control characters are escaped, and what is longer than 3500
// bytes is cut. Lines that peers can cause, or a loop, are limited: of each subject ten a minute, and then
// the number of those that were left out.
void set_log_sink(log_sink sink);

// Writes to the log. Not limited.
void log(int level, std::string_view text);

// Whether anybody would see it: for messages that cost something to make.
bool log_enabled(int level) noexcept;
void set_log_level(int level) noexcept;

// Whether each message is traced, whatever the level: a line `SND port elements…` at level 9 when it is sent,
// on its way to a port here or put on a connection; and `RCV port elements…` when it has arrived and is about
// to be handled. True from the start when AEMP_TRACE or PERL_ANYEVENT_MP_TRACE is set, and not to 0, false,
// no or off. Running nodes take a change into account from their next turn on. Not traced, messages cost
// nothing more; traced, some microseconds.
void set_trace(bool on) noexcept;

}  // namespace aemp
