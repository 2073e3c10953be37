// TCP on 127.0.0.1 as the kernel gives it, for the programs that show what the machine allows: whole reads
// and writes, blocking or busy, without any framework.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "bench/stopwatch.hpp"

namespace bench {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons(port);
  return a;
}

inline void no_delay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct listener {
  int socket = -1;
  std::uint16_t port = 0;  // one that was free
};

inline listener listen_here() {
  listener l;
  l.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in a = loopback(0);
  socklen_t size = sizeof a;
  if (bind(l.socket, reinterpret_cast<sockaddr*>(&a), size) != 0 || listen(l.socket, 1) != 0) fail("listen");
  getsockname(l.socket, reinterpret_cast<sockaddr*>(&a), &size);
  l.port = ntohs(a.sin_port);
  return l;
}

inline int accept_one(const listener& l) {
  const int s = accept(l.socket, nullptr, nullptr);
  if (s < 0) fail("accept");
  no_delay(s);
  return s;
}

inline int connect_to(std::uint16_t port) {
  const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in a = loopback(port);
  if (connect(s, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0) fail("connect");
  no_delay(s);
  return s;
}

// All of it; false when the other side has closed. With MSG_DONTWAIT it asks again and again instead of
// sleeping.
inline bool read_all(int socket, void* to, std::size_t size, int flags = 0) {
  for (char* p = static_cast<char*>(to); size != 0;) {
    const ssize_t n = recv(socket, p, size, flags);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return false;
    p += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

inline void write_all(int socket, const void* from, std::size_t size, int flags = 0) {
  for (const char* p = static_cast<const char*>(from); size != 0;) {
    const ssize_t n = send(socket, p, size, flags | MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) fail("send");
    p += n;
    size -= static_cast<std::size_t>(n);
  }
}

}  // namespace bench
