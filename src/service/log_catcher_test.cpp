// How often one node may catch the log of another. The rest is in sim/world_services_test.cpp and
// tests/log_catcher_test.cpp.
#include "service/log_catcher.hpp"

#include "mesh/plain_peer_test.hpp"

namespace aemp::service {
namespace {

using namespace std::chrono_literals;

TEST(caught_logs_of_one_node, are_no_more_than_the_limit_and_room_comes_back) {
  mesh::test_world w;
  mesh::test_node& n = w.add("node");
  n.act([&] { n.core.extend(std::make_unique<log_catcher>(n.core)); });
  n.listen({"10.0.0.1", 4040});
  mesh::plain_peer& peer = w.join(std::make_unique<mesh::plain_peer>(w.net, "peer", "peer"));
  peer.dial({"10.0.0.1", 4040});
  ASSERT_TRUE(w.run_until([&] { return peer.up() == 1; }, 5s));
  const auto ask = [&](int i) {
    const std::size_t before = peer.packets.size();
    peer.send("", message("AnyEvent::MP::LogCatcher::connect", 0, "peer#L" + std::to_string(i), 1));
    w.run(100ms);
    return peer.packets.size() > before && mesh::contains(peer.packets.back(), "mon1 L" + std::to_string(i));
  };
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(ask(i)) << i;
  EXPECT_FALSE(ask(16));
  EXPECT_TRUE(w.was_logged("it catches it 16 times already", 2)) << w.whole_log();
  peer.send("", message("kil0", "L3"));
  w.run(100ms);
  EXPECT_TRUE(ask(16));
}

}  // namespace
}  // namespace aemp::service
