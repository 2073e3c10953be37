// The reason with which a connection, or an attempt to make one, ends when its event throws. The log shows the
// exception (core::worker::enter).
#pragma once

#include <aemp/result.hpp>

namespace aemp::mesh {

[[nodiscard]] inline error internal_error() {
  return {"internal_error", "an exception in this node, which its log shows"};
}

}  // namespace aemp::mesh
