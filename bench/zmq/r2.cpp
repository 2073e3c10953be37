// R2 with ZeroMQ: PUSH to PULL, 32 bytes: a tag, a number and 16 bytes. That is within what a ZeroMQ message
// holds without an allocation (33 bytes). The acknowledgement comes by a second pair of sockets.
#include <cstdint>

#include "bench/zmq/sockets.hpp"

using namespace bench;

namespace {

struct small {
  char tag[8] = "data";
  std::int64_t number = 0;
  char payload[16] = {};
};

}  // namespace

int main(int argc, char** argv) {
  const long messages = count_of(argc, argv, 10'000'000);
  const curve_keys keys(argc, argv);
  partner other([&](auto say) {
    void* context = zmq_ctx_new();
    void* data = open_socket(context, ZMQ_PULL);
    void* answers = open_socket(context, ZMQ_PUSH);
    const std::string where = bind_here(data, keys);
    say(where + " " + bind_here(answers, keys));
    zmq_send(answers, "!", 1, 0);
    small m;
    for (long seen = 0; seen < messages; ++seen) {
      if (zmq_recv(data, &m, sizeof m, 0) != sizeof m || m.number != seen) std::abort();
    }
    zmq_send(answers, "!", 1, 0);
    zmq_recv(data, &m, sizeof m, 0);  // until the other process goes
  });

  stopwatch watch(other.process());
  void* context = zmq_ctx_new();
  void* data = open_socket(context, ZMQ_PUSH);
  void* answers = open_socket(context, ZMQ_PULL);
  const std::size_t space = other.said().find(' ');
  connect_to(data, other.said().substr(0, space), keys);
  connect_to(answers, other.said().substr(space + 1), keys);
  char byte;
  zmq_recv(answers, &byte, 1, 0);  // the connection is up
  watch.start();
  small m;
  for (long n = 0; n < messages; ++n) {
    m.number = n;
    zmq_send(data, &m, sizeof m, 0);
  }
  zmq_recv(answers, &byte, 1, 0);
  watch.stop();
  watch.print_rate(messages);
}
