// Makes TCP sockets that do not block and that child processes do not inherit. Asio's sockets are inherited:
// while such a child runs, the port stays in use, and peers do not notice that we closed. The very call that
// makes a socket sets both flags, since another thread may start a program at any moment.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace aemp::net {

// A descriptor, or -1 and why.
[[nodiscard]] int make_socket(const boost::asio::ip::tcp& protocol, boost::system::error_code& code);
// The next connection that waits there, and where it comes from; `would_block` when none waits.
[[nodiscard]] int accept_socket(int listening, boost::asio::ip::tcp::endpoint& from,
                                boost::system::error_code& code);

// hand_over() gives a descriptor to a socket or an acceptor of asio, and closes it if that does not take it.
void close_socket(int descriptor);
template <class Socket>
void hand_over(int descriptor, Socket& to, const boost::asio::ip::tcp& protocol,
               boost::system::error_code& code) {
  to.assign(protocol, descriptor, code);
  if (code) close_socket(descriptor);
}

template <class Socket>
void open_socket(Socket& socket, const boost::asio::ip::tcp& protocol, boost::system::error_code& code) {
  const int made = make_socket(protocol, code);
  if (!code) hand_over(made, socket, protocol, code);
}

}  // namespace aemp::net
