// What a message between two ports of one worker costs: a ball goes back and forth, with a tag, the sender's
// port and a number. Usage: dispatch_bench [messages]. Prints messages per second.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <aemp/aemp.hpp>

int main(int argc, char** argv) {
  using namespace aemp;
  const long messages = argc > 1 ? std::atol(argv[1]) : 10'000'000;
  node me;
  std::chrono::steady_clock::time_point begin;

  const port_id pinger = port(), ponger = port();
  rcv(ponger, "ping", [&](const port_id& from, long n) { snd(from, "pong", ponger, n - 2); });
  rcv(pinger, "pong", [&](const port_id& from, long n) {
    if (n <= 0) return me.stop();
    snd(from, "ping", pinger, n);
  });
  rcv(pinger, "begin", [&] {
    begin = std::chrono::steady_clock::now();
    snd(ponger, "ping", pinger, messages);
  });
  snd(pinger, "begin");
  me.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.0f\n", static_cast<double>(messages) / took.count());
}
