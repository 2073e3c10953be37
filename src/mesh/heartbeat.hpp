// How two nodes agree on heartbeats, by which each notices on an idle connection that the other one is gone
// (docs/protocol.md). Each announces in its greeting how much silence it puts up with, heartbeat=<seconds>. When
// both do, each sends an empty packet in time whenever it has nothing to say, and takes the other for dead
// after its own announced time (liveness.hpp).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/clock.hpp"
#include "wire/greeting.hpp"

namespace aemp::mesh {

// A duration for people and greetings: "30", "0.5".
std::string in_seconds(core::duration d);

// The greeting key.
std::pair<std::string, std::string> heartbeat_key(core::duration silence);

// What a peer announced; at least 50 ms, at most a day; nothing when it did not, or not a number.
std::optional<core::duration> announced_silence(const wire::greeting& peer);

}  // namespace aemp::mesh
