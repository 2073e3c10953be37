// Two connected streams within one node: data connections to oneself.
#pragma once

#include <memory>
#include <utility>

#include "core/worker.hpp"
#include "net/transport.hpp"

namespace aemp::service {

// Behaves like a connected pair of TCP streams on that worker that loses nothing. Never encrypted.
std::pair<std::unique_ptr<net::stream>, std::unique_ptr<net::stream>> make_pipe(core::worker& worker);

}  // namespace aemp::service
