// R3 with ZeroMQ: messages of 1 MiB from PUSH to PULL. The sender's all refer to the same memory
// (zmq_msg_init_data), so nothing is copied in this process before the kernel does it.
#include <vector>

#include "bench/zmq/sockets.hpp"

using namespace bench;

int main(int argc, char** argv) {
  constexpr std::size_t size = 1 << 20;
  const long values = count_of(argc, argv, 10'000);
  const curve_keys keys(argc, argv);
  partner other([&](auto say) {
    void* context = zmq_ctx_new();
    void* data = open_socket(context, ZMQ_PULL);
    void* answers = open_socket(context, ZMQ_PUSH);
    const std::string where = bind_here(data, keys);
    say(where + " " + bind_here(answers, keys));
    zmq_send(answers, "!", 1, 0);
    zmq_msg_t m;
    zmq_msg_init(&m);
    for (long seen = 0; seen < values; ++seen) {
      if (zmq_msg_recv(&m, data, 0) != static_cast<int>(size)) std::abort();
    }
    zmq_send(answers, "!", 1, 0);
    zmq_msg_recv(&m, data, 0);  // until the other process goes
  });

  stopwatch watch(other.process());
  void* context = zmq_ctx_new();
  void* data = open_socket(context, ZMQ_PUSH);
  void* answers = open_socket(context, ZMQ_PULL);
  set(data, ZMQ_SNDHWM, 64);  // a hundred thousand of these would be memory, not speed
  const std::size_t space = other.said().find(' ');
  connect_to(data, other.said().substr(0, space), keys);
  connect_to(answers, other.said().substr(space + 1), keys);
  char byte;
  zmq_recv(answers, &byte, 1, 0);  // the connection is up
  std::vector<char> payload(size, 'x');
  watch.start();
  for (long n = 0; n < values; ++n) {
    zmq_msg_t m;
    zmq_msg_init_data(
        &m, payload.data(), size, [](void*, void*) {}, nullptr);
    zmq_msg_send(&m, data, 0);
  }
  zmq_recv(answers, &byte, 1, 0);
  watch.stop();
  watch.print_rate(values, size / 1e6);
}
