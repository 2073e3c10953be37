// R1 with NATS: a subject, a subject for the answer and a number, through the server and back.
#include <cstdint>

#include "bench/nats/client.hpp"

using namespace bench;

int main(int argc, char** argv) {
  const long rounds = count_of(argc, argv, 50'000), warm_up = rounds / 10;
  nats_server server;
  partner other([&](auto say) {
    natsConnection* c = connect_to(server.url(), true);
    natsSubscription* s = subscribe(c, "ping");
    say("ready");
    for (;;) {
      natsMsg* m = take(s);
      give(c, natsMsg_GetReply(m), natsMsg_GetData(m), static_cast<std::size_t>(natsMsg_GetDataLength(m)));
      natsMsg_Destroy(m);
    }
  });

  stopwatch watch(other.process());
  watch.also(server.process());
  round_trips trips(rounds);
  natsConnection* c = connect_to(server.url(), true);
  natsSubscription* s = subscribe(c, "pong");
  for (std::int64_t n = -warm_up; n < rounds; ++n) {
    if (n == 0) watch.start();
    trips.begin();
    check(natsConnection_PublishRequest(c, "ping", "pong", &n, sizeof n), "natsConnection_PublishRequest");
    natsMsg_Destroy(take(s));
    if (n >= 0) trips.end();
  }
  watch.stop();
  watch.print_round_trips(trips.nanoseconds());
}
