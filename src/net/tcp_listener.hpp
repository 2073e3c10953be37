// A listening TCP socket. As with streams, the owner holds a handle; what asio works on is reference-counted
// and lives until its last operation is done.
//
// Anyone who can reach the port can connect as often as they like, so accepting is rationed: a few
// connections, then everything else that is ready has its turn. The rest waits in the kernel's queue, which
// costs us nothing.
#pragma once

#include <memory>

#include "net/tcp_stream.hpp"
#include "net/transport.hpp"

namespace aemp::net {

// Errors as in transport::listen().
[[nodiscard]] result<std::unique_ptr<listener>> make_tcp_listener(std::shared_ptr<tcp_shared> shared,
                                                                  const endpoint& at,
                                                                  transport::accepted each);

}  // namespace aemp::net
