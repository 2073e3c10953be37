// Lines for each message, when somebody wants to see them (include/aemp/log.hpp, set_trace; aemp-protocol
// B.9). They go to the sink only: were they passed on to log catchers, each would cause the next one.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include <aemp/block.hpp>
#include <aemp/message.hpp>

namespace aemp::core {

extern std::atomic<bool> tracing;
inline bool is_tracing() noexcept { return tracing.load(std::memory_order_relaxed); }

// Of an environment variable: everything but nothing, 0, false, no and off, in capitals or not.
bool means_on(std::string_view text);

// `what` is SND or RCV; the port is written as an ID. Long messages are cut.
void trace(std::string_view what, std::string_view port, const message& m);
// The same for what lies in a run queue; tasks are no messages.
void trace(std::string_view what, std::string_view port, detail::block& b);

}  // namespace aemp::core
