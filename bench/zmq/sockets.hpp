// ZeroMQ as its guide advises for speed: one I/O thread (it says one for each gigabyte a second), plain C
// API, high-water marks that let a burst through. "curve" among the arguments encrypts with CURVE, the keys
// made before the fork.
#pragma once

#include <zmq.h>

#include <array>
#include <string>

#include "bench/partner.hpp"

namespace bench {

struct curve_keys {
  using key = std::array<char, 41>;
  bool wanted = false;
  key server_public = {}, server_secret = {}, client_public = {}, client_secret = {};

  curve_keys(int argc, char** argv) : wanted(has_argument(argc, argv, "curve")) {
    if (!wanted) return;
    zmq_curve_keypair(server_public.data(), server_secret.data());
    zmq_curve_keypair(client_public.data(), client_secret.data());
  }
};

inline void set(void* socket, int option, int n) { zmq_setsockopt(socket, option, &n, sizeof n); }

inline void* open_socket(void* context, int type) {
  void* s = zmq_socket(context, type);
  set(s, ZMQ_SNDHWM, 100'000);
  set(s, ZMQ_RCVHWM, 100'000);
  set(s, ZMQ_LINGER, 0);
  return s;
}

// Where it can be reached, on a port that was free.
inline std::string bind_here(void* s, const curve_keys& keys) {
  if (keys.wanted) {
    set(s, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, keys.server_secret.data(), 40);
  }
  if (zmq_bind(s, "tcp://127.0.0.1:*") != 0) fail("zmq_bind");
  char where[64];
  std::size_t size = sizeof where;
  zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, where, &size);
  return where;
}

inline void connect_to(void* s, const std::string& where, const curve_keys& keys) {
  if (keys.wanted) {
    zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, keys.server_public.data(), 40);
    zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, keys.client_public.data(), 40);
    zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, keys.client_secret.data(), 40);
  }
  if (zmq_connect(s, where.c_str()) != 0) fail("zmq_connect");
}

}  // namespace bench
