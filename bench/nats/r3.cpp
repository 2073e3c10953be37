// R3 with NATS: messages of 1 MiB, which is what the server lets through by default and so not raised; at
// most 16 are on their way.
#include <algorithm>
#include <vector>

#include "bench/nats/client.hpp"

using namespace bench;

int main(int argc, char** argv) {
  constexpr std::size_t size = 1 << 20;
  constexpr long ahead = 16;
  const long values = count_of(argc, argv, 2'000);
  nats_server server;
  partner other([&](auto say) {
    natsConnection* c = connect_to(server.url(), true);
    natsSubscription* s = subscribe(c, "data");
    say("ready");
    for (long seen = 0; seen < values; ++seen) {
      natsMsg* m = take(s);
      if (natsMsg_GetDataLength(m) != static_cast<int>(size)) std::abort();
      natsMsg_Destroy(m);
      give(c, "seen", nullptr, 0);
    }
    natsMsg_Destroy(take(s));  // until the other process goes
  });

  stopwatch watch(other.process());
  watch.also(server.process());
  natsConnection* c = connect_to(server.url(), true);
  natsSubscription* confirmed = subscribe(c, "seen");
  const std::vector<char> payload(size, 'x');
  watch.start();
  long sent = 0;
  for (long seen = 0; seen < values; ++seen) {
    for (const long end = std::min(seen + ahead, values); sent < end; ++sent) {
      give(c, "data", payload.data(), size);
    }
    natsMsg_Destroy(take(confirmed));
  }
  watch.stop();
  watch.print_rate(values, size / 1e6);
}
