// C1: L1 with coroutines: a ball goes back and forth between two ports whose programs receive it.
#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

namespace {

using namespace aemp;

task<> ponger() {
  const port_id me = self();
  for (;;) {
    auto [from, n] = co_await receive<port_id, long>("ping");
    snd(from, "pong", me, n - 2);
  }
}

task<> pinger(port_id other, long messages, std::function<void()> done) {
  const port_id me = self();
  snd(other, "ping", me, messages);
  for (;;) {
    auto [from, n] = co_await receive<port_id, long>("pong");
    if (n <= 0) break;
    snd(from, "ping", me, n);
  }
  done();
}

}  // namespace

int main(int argc, char** argv) {
  const long messages = bench::count_of(argc, argv, 20'000'000);
  bench::stopwatch watch;
  node me;
  const port_id other = spawn(ponger);
  watch.start();
  spawn(pinger, other, messages, std::function<void()>([&] { me.stop(); }));
  me.run();
  watch.stop();
  watch.print_rate(messages);
}
