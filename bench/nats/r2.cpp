// R2 with NATS: the subject is the tag, and there are a number and 16 bytes. The sender may be 256 Ki
// messages ahead, which is less than what the server holds back for a slow receiver (64 MiB).
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "bench/nats/client.hpp"

using namespace bench;

namespace {

struct small {
  std::int64_t number = 0;
  char payload[16] = {};
};

}  // namespace

int main(int argc, char** argv) {
  constexpr long lot = 65536, lots_ahead = 4;
  const long messages = (count_of(argc, argv, 5'000'000) + lot - 1) / lot * lot;
  nats_server server;
  partner other([&](auto say) {
    natsConnection* c = connect_to(server.url(), false);
    natsSubscription* s = subscribe(c, "data");
    say("ready");
    for (long seen = 0; seen < messages;) {
      natsMsg* m = take(s);
      small r;
      if (natsMsg_GetDataLength(m) != sizeof r) std::abort();
      std::memcpy(&r, natsMsg_GetData(m), sizeof r);
      if (r.number != seen++) std::abort();
      natsMsg_Destroy(m);
      if (seen % lot == 0) give(c, "more", nullptr, 0);
    }
    natsMsg_Destroy(take(s));  // until the other process goes
  });

  stopwatch watch(other.process());
  watch.also(server.process());
  natsConnection* c = connect_to(server.url(), false);
  natsSubscription* more = subscribe(c, "more");
  small r;
  watch.start();
  for (long seen = 0; seen < messages; seen += lot) {
    for (const long end = std::min(seen + lots_ahead * lot, messages); r.number < end; ++r.number) {
      give(c, "data", &r, sizeof r);
    }
    natsMsg_Destroy(take(more));
  }
  watch.stop();
  watch.print_rate(messages);
}
