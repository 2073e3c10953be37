// What the NATS programs share: a connection, and subscriptions that may hold as much as comes. A subject is
// the tag, and the subject for answers is the sender's port.
#pragma once

#include <nats/nats.h>

#include "bench/nats/server.hpp"
#include "bench/partner.hpp"

namespace bench {

inline void check(natsStatus status, const char* what) {
  if (status == NATS_OK) return;
  std::fprintf(stderr, "%s: %s\n", what, natsStatus_GetText(status));
  std::exit(1);
}

// at_once: each message is written when it is published, which the library advises for latency; otherwise its
// other thread writes what has been collected, for throughput.
inline natsConnection* connect_to(const std::string& url, bool at_once) {
  natsOptions* options = nullptr;
  natsConnection* c = nullptr;
  check(natsOptions_Create(&options), "natsOptions_Create");
  check(natsOptions_SetURL(options, url.c_str()), "natsOptions_SetURL");
  check(natsOptions_SetSendAsap(options, at_once), "natsOptions_SetSendAsap");
  check(natsConnection_Connect(&c, options), "natsConnection_Connect");
  natsOptions_Destroy(options);
  return c;
}

// When this returns, the server knows the subscription.
inline natsSubscription* subscribe(natsConnection* c, const char* subject) {
  natsSubscription* s = nullptr;
  check(natsConnection_SubscribeSync(&s, c, subject), "natsConnection_SubscribeSync");
  check(natsSubscription_SetPendingLimits(s, -1, -1), "natsSubscription_SetPendingLimits");
  check(natsConnection_Flush(c), "natsConnection_Flush");
  return s;
}

inline natsMsg* take(natsSubscription* s) {
  constexpr long patience = 60'000;  // milliseconds
  natsMsg* m = nullptr;
  check(natsSubscription_NextMsg(&m, s, patience), "natsSubscription_NextMsg");
  return m;
}

inline void give(natsConnection* c, const char* subject, const void* data, std::size_t size) {
  check(natsConnection_Publish(c, subject, data, static_cast<int>(size)), "natsConnection_Publish");
}

}  // namespace bench
