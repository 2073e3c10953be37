// What a queue that counts has noted on a block (detail::block::marks).
#pragma once

#include <cstdint>

namespace aemp::core::mark {

inline constexpr std::uint8_t bounded = 1;    // it counts for the limits of its port (core/intake.hpp)
inline constexpr std::uint8_t heavy = 2;      // and its bytes do
inline constexpr std::uint8_t dropped = 4;    // it gave way to a later one, and no handler gets it
inline constexpr std::uint8_t weighed = 8;    // for the node's limit of memory (core/memory_gate.hpp)
inline constexpr std::uint8_t early = 16;     // a task that runs when it is taken in, not when its turn comes
inline constexpr std::uint8_t taken_in = 32;  // it has been looked at, also if nothing of it counts

}  // namespace aemp::core::mark
