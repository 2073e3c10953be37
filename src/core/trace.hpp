// A line of the log for each message, when tracing is on (include/aemp/log.hpp, set_trace; aemp-protocol B.9). The lines
// go to the sink only: passed on to a log catcher, each would cause the next one.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include <aemp/block.hpp>
#include <aemp/message.hpp>

namespace aemp::core {

extern std::atomic<bool> tracing;
inline bool is_tracing() noexcept { return tracing.load(std::memory_order_relaxed); }

// Whether an environment variable turns something on: any text does but the empty one, 0, false, no and off, in upper or
// lower case.
bool means_on(std::string_view text);

// `what` is SND or RCV; the port is written as an ID. Long messages are cut.
void trace(std::string_view what, std::string_view port, const message& m);
// The same for a block of a run queue. Nothing for a task.
void trace(std::string_view what, std::string_view port, detail::block& b);

}  // namespace aemp::core
