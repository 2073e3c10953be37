// R2 with nng: 32 bytes one way, a tag, a number and 16 bytes; the last one is acknowledged.
#include <cstdint>
#include <cstring>

#include "bench/nng/sockets.hpp"

using namespace bench;

namespace {

struct small {
  char tag[8] = "data";
  std::int64_t number = 0;
  char payload[16] = {};
};

constexpr int queued = 8192;  // what nng allows at most

}  // namespace

int main(int argc, char** argv) {
  const long messages = count_of(argc, argv, 2'000'000);
  partner other([&](auto say) {
    const nng_socket s = open_socket(queued);
    say(listen_here(s));
    for (long seen = 0; seen < messages; ++seen) {
      nng_msg* m = take(s);
      small r;
      if (nng_msg_len(m) != sizeof r) std::abort();
      std::memcpy(&r, nng_msg_body(m), sizeof r);
      if (r.number != seen) std::abort();
      nng_msg_free(m);
    }
    acknowledge(s);
  });

  stopwatch watch(other.process());
  const nng_socket s = connect_to(other.said(), queued);
  small r;
  watch.start();
  for (long n = 0; n < messages; ++n) {
    nng_msg* m = new_message(sizeof r);
    r.number = n;
    std::memcpy(nng_msg_body(m), &r, sizeof r);
    give(s, m);
  }
  nng_msg_free(take(s));
  watch.stop();
  watch.print_rate(messages);
}
