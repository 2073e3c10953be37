// An ordeal: a small network by chance, trouble by chance, and what has to hold whatever happens. Everything
// comes from the seed, so a seed is all that is needed to have it again.
#pragma once

#include <cstdint>
#include <string>

namespace aemp::sim {

// Runs it, and returns what is wrong, with the story of it; or nothing.
std::string ordeal(std::uint64_t seed);

}  // namespace aemp::sim
