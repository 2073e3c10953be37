#include "net/tcp_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace aemp::net {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

int checked(int descriptor, error_code& code) {
  code = descriptor < 0 ? error_code(errno, boost::system::system_category()) : error_code();
  return descriptor;
}

}  // namespace

int make_socket(const tcp& protocol, error_code& code) {
  return checked(
      ::socket(protocol.family(), protocol.type() | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol.protocol()), code);
}

int accept_socket(int listening, tcp::endpoint& from, error_code& code) {
  auto size = static_cast<socklen_t>(from.capacity());
  const int made = checked(::accept4(listening, from.data(), &size, SOCK_CLOEXEC | SOCK_NONBLOCK), code);
  if (!code) from.resize(size);
  return made;
}

void close_socket(int descriptor) { ::close(descriptor); }

}  // namespace aemp::net
