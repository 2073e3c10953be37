// R3 with nng: messages of 1 MiB one way. What is in them is not written, so nothing is copied before the
// kernel does it.
#include "bench/nng/sockets.hpp"

using namespace bench;

int main(int argc, char** argv) {
  constexpr std::size_t size = 1 << 20;
  constexpr int queued = 16;
  const long values = count_of(argc, argv, 5'000);
  partner other([&](auto say) {
    const nng_socket s = open_socket(queued);
    say(listen_here(s));
    for (long seen = 0; seen < values; ++seen) {
      nng_msg* m = take(s);
      if (nng_msg_len(m) != size) std::abort();
      nng_msg_free(m);
    }
    acknowledge(s);
  });

  stopwatch watch(other.process());
  const nng_socket s = connect_to(other.said(), queued);
  watch.start();
  for (long n = 0; n < values; ++n) give(s, new_message(size));
  nng_msg_free(take(s));
  watch.stop();
  watch.print_rate(values, size / 1e6);
}
