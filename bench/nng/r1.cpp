// R1 with nng: 64 bytes, the message that came being the one that goes back.
#include "bench/nng/sockets.hpp"

using namespace bench;

int main(int argc, char** argv) {
  const long rounds = count_of(argc, argv, 50'000), warm_up = rounds / 10;
  partner other([&](auto say) {
    const nng_socket s = open_socket(0);
    say(listen_here(s));
    for (;;) give(s, take(s));
  });

  stopwatch watch(other.process());
  round_trips trips(rounds);
  const nng_socket s = connect_to(other.said(), 0);
  nng_msg* ball = new_message(64);
  for (long n = -warm_up; n < rounds; ++n) {
    if (n == 0) watch.start();
    trips.begin();
    give(s, ball);
    ball = take(s);
    if (n >= 0) trips.end();
  }
  watch.stop();
  watch.print_round_trips(trips.nanoseconds());
}
