// Questions to ports of nodes that understand them, and of others.
#include "mesh/room.hpp"

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint place{"10.0.0.1", 4040};

// A node that asks ports of another one, which is not of this library.
class asking : public testing::Test {
 protected:
  asking() {
    n.listen(place);
    n.start();
  }
  plain_peer& join(std::vector<std::pair<std::string, std::string>> keys) {
    plain_peer::options how;
    how.keys = std::move(keys);
    plain_peer& p = w.join(std::make_unique<plain_peer>(w.net, "other", "other", how));
    p.dial(place);
    EXPECT_TRUE(w.run_until([&] { return p.up() == 1; }, 5s));
    return p;
  }
  // The packets that are about room, with each port ID of ours as "me#…".
  std::string asked(plain_peer& p) {
    std::string all;
    for (const std::string& packet : p.packets) {
      if (contains(packet, "room") || contains(packet, "overload") || contains(packet, "1000"))
        all += packet + "\n";
    }
    return all;
  }
  void ask_in_a_port(std::function<void()> f) {
    n.act([&] { snd(n.api.port("go", [f = std::move(f)] { f(); }), "go"); });
    w.run(1s);
  }

  test_world w;
  test_node& n = w.add_on("node", "node", plain_settings());
  const port_id sink = *port_id::parse("other#sink");
};

TEST_F(asking, a_node_that_understands_it_is_a_question_about_the_port) {
  plain_peer& p = join({{"room", "1"}});
  ask_in_a_port([&] { when_drained(sink, [] {}); });
  const std::string packet = asked(p);
  EXPECT_TRUE(contains(packet, "aemp::room sink node#")) << packet;
  ask_in_a_port([&] { when_overloaded(sink, [] {}); });
  EXPECT_TRUE(contains(asked(p), "aemp::overload sink node#")) << asked(p);
}

TEST_F(asking, any_other_node_is_a_wish_to_hear_the_own_answer_from_it) {
  plain_peer& p = join({});
  std::size_t room = 0;
  ask_in_a_port([&] { when_drained(sink, [&](std::size_t n) { room = n; }); });
  EXPECT_EQ(room, 1000u);
  p.packets.clear();
  ask_in_a_port([&] { when_overloaded(sink, [] {}); });
  EXPECT_EQ(asked(p), "") << "such a node never drops a message because a port has no room";
}

TEST_F(asking, on_behalf_of_somebody_else_is_refused) {
  plain_peer& p = join({{"room", "1"}});
  port_id here;
  n.act([&] { here = n.api.port("x", [] {}); });
  p.send("", message("aemp::room", here.name(), "third#x", "third#x"));
  p.send("", message("aemp::room", here.name()));
  p.send("", message("aemp::room", value(), "other#x", "other#x"));
  p.send("", message("aemp::room", "no_such_port", "other#x", "other#x"));
  w.run(1s);
  EXPECT_EQ(asked(p), "");
  p.send("", message("aemp::room", here.name(), "other#x", "other#me"));
  w.run(1s);
  ASSERT_FALSE(p.packets.empty());
  EXPECT_TRUE(contains(p.packets.back(), "31")) << p.packets.back();
}

}  // namespace
}  // namespace aemp::mesh
