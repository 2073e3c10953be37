// What the floods are made with: sockets that only connect, and peers that prove themselves and then write
// what they like. It knows nothing of the library but how the proof is made.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "bench/stopwatch.hpp"
#include "wire/auth.hpp"

namespace flooding {

inline volatile std::sig_atomic_t over = 0;  // set when the flood is to end

// What the program says at its end.
struct figures {
  unsigned long long connections = 0, packets = 0, bytes = 0;
  unsigned long long closed = 0;  // by the victim, or refused
};
inline figures counted;

class line {
 public:
  explicit line(const std::string& endpoint) {
    const std::size_t colon = endpoint.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(endpoint.c_str() + colon + 1)));
    inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &to.sin_addr);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const linger at_once{1, 0};  // the port is free again when it is closed
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    is_open_ = socket_ >= 0 && ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    if (is_open_) ++counted.connections;
  }
  line(line&& other) noexcept : socket_(std::exchange(other.socket_, -1)), is_open_(other.is_open_) {}
  line(const line&) = delete;
  line& operator=(line&&) = delete;
  ~line() {
    if (socket_ >= 0) ::close(socket_);
  }

  bool is_open() const { return is_open_ && !over; }

  // Writes all of it, however long the victim takes, and throws away what comes meanwhile; a deaf one lets
  // that lie. False when the victim has closed, and at the end of the flood.
  bool write(std::string_view bytes, bool deaf = false) {
    counted.bytes += bytes.size();
    while (!bytes.empty() && is_open()) {
      const auto in = static_cast<short>(deaf ? 0 : POLLIN);
      pollfd waiting{socket_, static_cast<short>(in | POLLOUT), 0};
      if (::poll(&waiting, 1, 100) < 0) continue;
      if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_some(nullptr);
      if (!is_open_ || (waiting.revents & POLLOUT) == 0) continue;
      const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return is_open();
  }

  // Reads so long, or until the victim closes.
  bool listen(int milliseconds) {
    pollfd waiting{socket_, POLLIN, 0};
    while (is_open() && ::poll(&waiting, 1, milliseconds) > 0) read_some(nullptr);
    return is_open();
  }

  std::string read_line() {
    while (received_.find('\n') == std::string::npos) {
      pollfd waiting{socket_, POLLIN, 0};
      if (!is_open()) return {};
      if (::poll(&waiting, 1, 100) > 0) read_some(&received_);
    }
    const std::size_t end = received_.find('\n');
    std::string first = received_.substr(0, end);
    received_.erase(0, end + 1);
    return first;
  }

 private:
  void read_some(std::string* into) {
    static char buffer[1 << 18];
    const ssize_t n = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
      if (is_open_) ++counted.closed;
      is_open_ = false;
    } else if (n > 0 && into != nullptr) {
      into->append(buffer, static_cast<std::size_t>(n));
    }
  }

  int socket_ = -1;
  bool is_open_ = false;
  std::string received_;
};

// A peer that has proven itself, as a node of 2.x does it. While the victim does not take it, is_open() is
// false.
inline line log_in(const std::string& endpoint, const std::string& node, const std::string& framing = "json",
                   const std::string& keys = ";mproto=1;gproto=1") {
  constexpr const char* method = "hmac_sha3_512";
  line to(endpoint);
  const std::string own = "aemp;1;" + node + ";" + method + ";" + framing + keys;
  const std::string own_nonce = "nonce of " + node;
  to.write(own + "\n" + own_nonce + "\n");
  const std::string greeting = to.read_line(), nonce = to.read_line();
  if (!to.is_open()) return to;
  const std::string proof = aemp::wire::auth_data(aemp::wire::auth_method::hmac_sha3_512, {own, own_nonce},
                                                  {greeting, nonce}, "a secret of the floods");
  to.write(std::string(method) + ";" + proof + ";" + framing + "\n");
  to.read_line();
  return to;
}

}  // namespace flooding
