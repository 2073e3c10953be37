// H1: L1 on a loop of the program's own: plain poll(2), or with "asio" that of Boost.Asio; with "own" on our loop.
#include <string_view>

#include <poll.h>

#include <aemp/asio.hpp>

#include "bench/stopwatch.hpp"

namespace {

using namespace aemp;

void run(polled_host& host) {
  while (host.has_nodes()) {
    pollfd readable{host.descriptor(), POLLIN, 0};
    (void)::poll(&readable, 1, host.timeout());
    while (host.run_pending()) {
    }
  }
}

// A ball between two ports, as in L1.
template <class Run>
void play(node& me, long messages, Run run_loop) {
  bench::stopwatch watch;
  const port_id pinger = me.port(), ponger = me.port();
  me.rcv(ponger, "ping", [&](const port_id& from, long n) { snd(from, "pong", ponger, n - 2); });
  me.rcv(pinger, "pong", [&](const port_id& from, long n) {
    if (n <= 0) return me.stop();
    snd(from, "ping", pinger, n);
  });
  me.rcv(pinger, "begin", [&] { snd(ponger, "ping", pinger, messages); });
  watch.start();
  me.snd(pinger, "begin");
  run_loop();
  watch.stop();
  watch.print_rate(messages);
}

}  // namespace

int main(int argc, char** argv) {
  const long messages = bench::count_of(argc, argv, 20'000'000);
  const std::string_view loop = argc > 2 ? argv[2] : "poll";
  if (loop == "asio") {
    boost::asio::io_context context;
    asio_host host(context);
    node me({}, host);
    play(me, messages, [&] { context.run(); });
  } else if (loop == "poll") {
    polled_host host;
    node me({}, host);
    play(me, messages, [&] { run(host); });
  } else {
    node me;
    play(me, messages, [&] { me.run(); });
  }
}
