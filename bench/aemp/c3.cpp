// C3: request and reply between two ports of one worker, one after the other: by a contract, or with "plain" by cal alone.
#include <string_view>

#include <aemp/aemp.hpp>

#include "bench/stopwatch.hpp"

namespace {

using namespace aemp;

namespace adder {
inline constexpr request<"add", long(long, long)> add{};
using api = contract<add>;
}  // namespace adder

struct client {
  node& me;
  port_to<adder::api> to;
  long left;

  void ask() {
    if (left-- == 0) return me.stop();
    cal(to, adder::add, left, 1L).then([this](long) { ask(); });
  }
  void ask_plainly() {
    if (left-- == 0) return me.stop();
    cal(to.port(), "add", left, 1L).then([this](long) { ask_plainly(); });
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bool plain = argc > 2 && std::string_view(argv[2]) == "plain";
  const long requests = bench::count_of(argc, argv, 5'000'000);
  bench::stopwatch watch;
  node me;
  client c{me, {}, requests};
  if (plain) {
    c.to =
        port_to<adder::api>(me.port("add", [](long a, long b, const port_id& reply) { snd(reply, a + b); }));
  } else {
    c.to = me.serve<adder::api>(me.port(), adder::add, [](long a, long b) { return a + b; });
  }
  const port_id p = me.port("begin", [&] {
    watch.start();
    plain ? c.ask_plainly() : c.ask();
  });
  me.snd(p, "begin");
  me.run();
  watch.stop();
  watch.print_rate(requests);
}
