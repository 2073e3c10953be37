// R1 with ZeroMQ: 64 bytes between two DEALER sockets, which are a little faster than REQ and REP.
#include "bench/zmq/sockets.hpp"

using namespace bench;

int main(int argc, char** argv) {
  const long rounds = count_of(argc, argv, 50'000), warm_up = rounds / 10;
  const curve_keys keys(argc, argv);
  std::array<char, 64> ball = {};
  partner other([&](auto say) {
    void* s = open_socket(zmq_ctx_new(), ZMQ_DEALER);
    say(bind_here(s, keys));
    while (zmq_recv(s, ball.data(), ball.size(), 0) >= 0) zmq_send(s, ball.data(), ball.size(), 0);
  });

  stopwatch watch(other.process());
  round_trips trips(rounds);
  void* s = open_socket(zmq_ctx_new(), ZMQ_DEALER);
  connect_to(s, other.said(), keys);
  for (long n = -warm_up; n < rounds; ++n) {
    if (n == 0) watch.start();
    trips.begin();
    zmq_send(s, ball.data(), ball.size(), 0);
    if (zmq_recv(s, ball.data(), ball.size(), 0) < 0) fail("zmq_recv");
    if (n >= 0) trips.end();
  }
  watch.stop();
  watch.print_round_trips(trips.nanoseconds());
}
