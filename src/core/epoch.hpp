// The number of a loss (core/losses.hpp): losses are counted from 1 on; 0 is the time before the first.
#pragma once

#include <cstdint>

namespace aemp::core {

using epoch = std::uint64_t;

}  // namespace aemp::core
