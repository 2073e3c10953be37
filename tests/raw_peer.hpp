// A peer that knows nothing of the library: a socket, lines, and bytes. What a node answers to it is what a
// node of another implementation would see.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace aemp::testing {

class raw_peer {
 public:
  // Connects to "127.0.0.1:port". Throws std::runtime_error when it cannot, and when an answer does not come
  // in time.
  explicit raw_peer(const std::string& endpoint);
  raw_peer(const raw_peer&) = delete;
  raw_peer& operator=(const raw_peer&) = delete;
  ~raw_peer();

  void send(std::string_view bytes);
  std::string read_line();    // without the line end
  std::string read_packet();  // one JSON array; skips keepalives, and what log_in() says
  std::string read_all();     // until the node closes
  std::string read_bytes(std::size_t n);
  bool is_closed_by_node();  // waits for it

  // The whole handshake with a secret, as 1.30 or 2.01 does it; afterwards packets follow.
  struct login {
    std::string node = "perl";
    std::string method = "hmac_md6_64_256";
    std::string secret = "geheim";
    std::string framing = "json";
    std::string keys = "";  // ";mproto=1"
    std::string protocol = "aemp";
    bool groups = false;  // read_packet() gives what concerns groups (aemp-protocol E.1), too
  };
  void log_in(const login& as);

  // What the node sent, line by line, in log_in().
  std::string greeting, nonce, auth_line;

 private:
  bool read_some();  // false at the end
  bool is_about_groups(const std::string& packet);

  int socket_ = -1;
  std::string received_;
  bool groups_ = false;
  std::string rendezvous_;  // the node's rendezvous port here, by name
};

}  // namespace aemp::testing
