#include "tests/raw_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "wire/auth.hpp"

namespace aemp::testing {
namespace {

constexpr int patience_ms = 10'000;

// The end of the first JSON array in `text`, or npos while it is not complete.
std::size_t end_of_array(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if ((c == ']' || c == '}') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

raw_peer::raw_peer(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
  inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0 || ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("cannot connect to " + endpoint + ": " + std::strerror(errno));
  }
}

raw_peer::~raw_peer() {
  if (socket_ >= 0) ::close(socket_);
}

void raw_peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0) return;  // closed by the node: what it does then is for the reader to see
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool raw_peer::read_some() {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, patience_ms) == 0) {
    throw std::runtime_error("the node said nothing for 10 s; so far: " + received_);
  }
  char buffer[4096];
  const ssize_t n = ::recv(socket_, buffer, sizeof buffer, 0);
  if (n <= 0) return false;
  received_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

std::string raw_peer::read_line() {
  std::size_t end;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (!read_some())
      throw std::runtime_error("the node closed instead of sending a line; so far: " + received_);
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

std::string raw_peer::read_packet() {
  for (;;) {
    std::size_t end;
    while ((end = end_of_array(received_)) == std::string::npos) {
      if (!read_some())
        throw std::runtime_error("the node closed instead of sending a packet; so far: " + received_);
    }
    std::string packet = received_.substr(0, end);
    received_.erase(0, end);
    if (packet != "[]" && (groups_ || !is_about_groups(packet))) return packet;
  }
}

bool raw_peer::is_about_groups(const std::string& packet) {
  const std::string spawn = R"(["","AnyEvent::MP::_spawn",")";
  const std::size_t function = packet.find(R"(","AnyEvent::MP::Global::connect",)");
  if (packet.starts_with(spawn) && function != std::string::npos) {
    rendezvous_ = packet.substr(spawn.size(), function - spawn.size());
    return true;
  }
  if (packet.starts_with(R"(["","g_)")) return true;
  return !rendezvous_.empty() && (packet == R"(["","mon1",")" + rendezvous_ + "\"]" ||
                                  packet.starts_with("[\"" + rendezvous_ + "\","));
}

std::string raw_peer::read_all() {
  while (read_some()) {
  }
  return std::exchange(received_, {});
}

std::string raw_peer::read_bytes(std::size_t n) {
  while (received_.size() < n) {
    if (!read_some())
      throw std::runtime_error("the node closed instead of sending more; so far: " + received_);
  }
  std::string bytes = received_.substr(0, n);
  received_.erase(0, n);
  return bytes;
}

bool raw_peer::is_closed_by_node() {
  read_all();
  return true;
}

void raw_peer::log_in(const login& as) {
  groups_ = as.groups;
  const std::string own = as.protocol + ";1;" + as.node + ";" + as.method + ";" + as.framing + as.keys;
  const std::string own_nonce = "nonce-of-" + as.node;
  send(own + "\n" + own_nonce + "\n");
  greeting = read_line();
  nonce = read_line();
  const auto method = *wire::auth_method_named(as.method);
  send(as.method + ";" + wire::auth_data(method, {own, own_nonce}, {greeting, nonce}, as.secret) + ";" +
       as.framing + "\n");
  auth_line = read_line();
}

}  // namespace aemp::testing
