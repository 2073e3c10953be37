// The transport over TCP: the one that real nodes use. It belongs to the worker whose poller the loop is.
#pragma once

#include <memory>

#include "net/asio_loop.hpp"
#include "net/transport.hpp"

namespace aemp::net {

// The loop outlives the transport, and the transport all attempts and listeners it gave out; streams may live
// longer than the transport.
std::unique_ptr<transport> make_tcp_transport(asio_loop& loop);

}  // namespace aemp::net
