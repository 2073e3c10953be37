// R4: one node and many connections to it, each with one message in flight. Arguments: round trips of all
// together, connections, and "memory" for what each connection has taken of the node's resident memory when
// all are idle again, instead of the rate.
#include "bench/aemp/clients.hpp"
#include "bench/aemp/nodes.hpp"
#include "bench/partner.hpp"

int main(int argc, char** argv) {
  const long trips = bench::count_of(argc, argv, 200'000);
  const std::size_t connections = argc > 2 ? static_cast<std::size_t>(std::atol(argv[2])) : 1000;
  const aemp::config settings = bench::settings(argc, argv);
  bench::partner node([&](auto say) {
    aemp::node me{settings};
    me.become_public("127.0.0.1:0");
    say(aemp::port("ping", [](const aemp::port_id& from, long n) { aemp::snd(from, "pong", n); }).str());
    me.run();
  });

  const aemp::port_id echo = bench::there(node.said());
  const auto place = aemp::net::endpoint::parse(echo.node());
  if (!place) bench::fail("the node's address");
  bench::clients all(*place, *settings.secret, settings.encryption == "required");
  all.connect(1);
  all.play(echo.name(), trips / 10);
  const double before = bench::resident_bytes(node.process());
  all.connect(connections);
  bench::stopwatch watch(node.process());
  watch.start();
  all.play(echo.name(), trips);
  watch.stop();
  if (!bench::has_argument(argc, argv, "memory")) return watch.print_rate(trips), 0;
  const double bytes = bench::resident_bytes(node.process()) - before;
  std::printf("{\"value\": %.1f}\n", bytes / static_cast<double>(connections - 1));
}
