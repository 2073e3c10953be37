// C2: selective receive: how long it takes to get a message with one tag while others of another tag wait in front of it.
// Usage: c2_aemp MESSAGES WAITING
#include <aemp/aemp.hpp>

#include <cstdlib>

#include "bench/stopwatch.hpp"

namespace {

using namespace aemp;

bench::stopwatch watch;

task<> chooser(long messages, std::function<void()> done) {
  co_await receive("begin");
  watch.start();
  snd(self(), "b");
  for (long n = 0; n < messages; ++n) {
    co_await receive("b");
    snd(self(), "b");
  }
  watch.stop();
  done();
}

}  // namespace

int main(int argc, char** argv) {
  const long messages = bench::count_of(argc, argv, 2'000'000);
  const long waiting = argc > 2 ? std::atol(argv[2]) : 1'000'000;
  node me;
  const port_id p = spawn(chooser, messages, std::function<void()>([&] { me.stop(); }));
  for (long n = 0; n < waiting; ++n) snd(p, "a", n);
  snd(p, "begin");
  me.run();
  watch.print_rate(messages);
}
