// R1 on bare sockets: 64 bytes there and back, with reads that sleep or with reads that ask again and again.
#pragma once

#include <array>
#include <string>

#include "bench/partner.hpp"
#include "bench/raw/sockets.hpp"

namespace bench {

inline void ping_pong(int argc, char** argv, int flags) {
  const long rounds = count_of(argc, argv, 50'000), warm_up = rounds / 10;
  std::array<char, 64> ball = {};
  partner other([&](auto say) {
    const listener l = listen_here();
    say(std::to_string(l.port));
    const int s = accept_one(l);
    while (read_all(s, ball.data(), ball.size(), flags)) write_all(s, ball.data(), ball.size(), flags);
  });

  stopwatch watch(other.process());
  round_trips trips(rounds);
  const int s = connect_to(static_cast<std::uint16_t>(std::stoi(other.said())));
  for (long n = -warm_up; n < rounds; ++n) {
    if (n == 0) watch.start();
    trips.begin();
    write_all(s, ball.data(), ball.size(), flags);
    if (!read_all(s, ball.data(), ball.size(), flags)) fail("recv");
    if (n >= 0) trips.end();
  }
  watch.stop();
  watch.print_round_trips(trips.nanoseconds());
}

}  // namespace bench
