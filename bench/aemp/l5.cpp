// L5: a port is made, gets one message, answers it and dies; then comes the next one.
#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

int main(int argc, char** argv) {
  using namespace aemp;
  const long ports = bench::count_of(argc, argv, 1'000'000);
  bench::stopwatch watch;
  node me;

  const port_id creator = port();
  const auto next = [&] {
    const port_id child = port("hello", [](const port_id& from) {
      snd(from, "next");
      kil(self());
    });
    snd(child, "hello", creator);
  };
  rcv(creator, "next", [&, left = ports]() mutable {
    if (left-- == 0) return me.stop();
    next();
  });
  rcv(creator, "begin", [&] {
    watch.start();
    snd(creator, "next");
  });
  snd(creator, "begin");
  me.run();
  watch.stop();
  watch.print_rate(ports);
}
