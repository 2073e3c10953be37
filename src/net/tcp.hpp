// The transport over TCP, which real nodes use. It belongs to the worker whose poller the loop is.
#pragma once

#include <memory>

#include "net/asio_loop.hpp"
#include "net/transport.hpp"

namespace aemp::net {

// The loop must outlive the transport, and the transport its attempts and listeners. Streams may outlive the
// transport.
std::unique_ptr<transport> make_tcp_transport(asio_loop& loop);

}  // namespace aemp::net
