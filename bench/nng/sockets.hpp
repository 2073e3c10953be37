// nng as its own programs for measuring use it: a PAIR socket on each side, messages that are handed over
// and not copied, and queues before the sockets.
#pragma once

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>

#include <string>

#include "bench/partner.hpp"

namespace bench {

inline void check(int error, const char* what) {
  if (error == 0) return;
  std::fprintf(stderr, "%s: %s\n", what, nng_strerror(error));
  std::exit(1);
}

// A queue of so many messages on each side; 0: none.
inline nng_socket open_socket(int queued) {
  nng_socket s;
  check(nng_pair0_open(&s), "nng_pair0_open");
  check(nng_socket_set_int(s, NNG_OPT_SENDBUF, queued), "NNG_OPT_SENDBUF");
  check(nng_socket_set_int(s, NNG_OPT_RECVBUF, queued), "NNG_OPT_RECVBUF");
  check(nng_socket_set_size(s, NNG_OPT_RECVMAXSZ, 0), "NNG_OPT_RECVMAXSZ");
  return s;
}

// Where it can be reached, on a port that was free.
inline std::string listen_here(nng_socket s) {
  nng_listener l;
  int port = 0;
  check(nng_listen(s, "tcp://127.0.0.1:0", &l, 0), "nng_listen");
  check(nng_listener_get_int(l, NNG_OPT_TCP_BOUND_PORT, &port), "NNG_OPT_TCP_BOUND_PORT");
  return "tcp://127.0.0.1:" + std::to_string(port);
}

inline nng_socket connect_to(const std::string& where, int queued) {
  const nng_socket s = open_socket(queued);
  check(nng_dial(s, where.c_str(), nullptr, 0), "nng_dial");
  return s;
}

inline nng_msg* new_message(std::size_t size) {
  nng_msg* m = nullptr;
  check(nng_msg_alloc(&m, size), "nng_msg_alloc");
  return m;
}

inline void give(nng_socket s, nng_msg* m) { check(nng_sendmsg(s, m, 0), "nng_sendmsg"); }

inline nng_msg* take(nng_socket s) {
  nng_msg* m = nullptr;
  check(nng_recvmsg(s, &m, 0), "nng_recvmsg");
  return m;
}

// What a receiver does after its last message: the answer, then nothing until the other process goes.
inline void acknowledge(nng_socket s) {
  give(s, new_message(1));
  nng_msg* m = nullptr;
  nng_recvmsg(s, &m, 0);
}

}  // namespace bench
