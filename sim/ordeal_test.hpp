// An ordeal: a random small network, random trouble, and what has to hold whatever happens. Everything comes
// from the seed, so the seed alone repeats it.
#pragma once

#include <cstdint>
#include <string>

namespace aemp::sim {

// Runs it, and returns what is wrong, with the story of it; or "".
std::string ordeal(std::uint64_t seed);

}  // namespace aemp::sim
