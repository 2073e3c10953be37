// What a mesh remembers of nodes, and what it holds when its peers or its own program are slow.
#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint place{"10.0.0.1", 4040};

TEST(known_routes, are_no_more_than_the_limit_and_change_all_the_same) {
  test_world w;
  settings s = plain_settings();
  s.limits.max_routes = 3;
  test_node& n = w.add("node", s);
  for (const char* name : {"a", "b", "c", "d", "e"}) n.mesh.learn(name, {{"10.0.0.9", 1}});
  EXPECT_EQ(1u, n.mesh.places_of("c").size());
  EXPECT_TRUE(n.mesh.places_of("d").empty());
  n.mesh.learn("c", {{"10.0.0.9", 2}});
  EXPECT_EQ("10.0.0.9:2", n.mesh.places_of("c").at(0).str());
}

TEST(known_routes, to_nodes_that_were_connected_are_no_more_than_the_limit) {
  for (const std::size_t most : {0, 1}) {
    test_world w;
    w.net.add_host("seed");
    plain_peer& seed = w.join(std::make_unique<plain_peer>(w.net, "seed", "seed"));
    seed.listen(place);
    settings s = plain_settings();
    s.limits.max_routes = most;
    s.seeds = {{place.host, place.port}};
    test_node& n = w.add("node", s);
    n.start();
    ASSERT_TRUE(w.run_until([&] { return n.is_up("seed"); }, 5s));
    EXPECT_EQ(most, n.mesh.places_of("seed").size());
  }
}

// The other node says in its greeting what it takes.
TEST(a_message_that_the_other_node_does_not_take, is_a_loss_of_its_port_alone) {
  test_world w;
  plain_peer::options how;
  how.keys = {{"max_message", "100000"}};
  test_node& n = w.add("node");
  n.listen(place);
  plain_peer& peer = w.join(std::make_unique<plain_peer>(w.net, "peer", "peer", how));
  peer.dial(place);
  ASSERT_TRUE(w.run_until([&] { return n.is_up("peer") && peer.up() == 1; }, 5s));
  n.mon("peer#p");
  n.mon("peer#q");
  n.snd("peer#p", "large", std::string(200'000, 'x'));
  w.settle();
  ASSERT_EQ(1u, n.reasons.size());
  EXPECT_NE(std::string::npos, n.reasons[0].find("message_too_large")) << n.reasons[0];
  EXPECT_TRUE(n.is_up("peer"));
}

// A node that announces heartbeats, and what it said before `held_up` happened on ours.
struct listener {
  explicit listener(test_world& w) : w(w), n(w.add("node")) {
    n.listen(place);
    n.record("log");
    plain_peer::options how;
    how.keys = {{"heartbeat", "30"}};
    peer = &w.join(std::make_unique<plain_peer>(w.net, "peer", "peer", how));
    peer->dial(place);
    EXPECT_TRUE(w.run_until([&] { return n.is_up("peer") && peer->up() == 1; }, 5s));
  }
  test_world& w;
  test_node& n;
  plain_peer* peer = nullptr;
};

TEST(silence, of_a_peer_is_none_while_this_process_was_held_up_itself) {
  test_world w;
  listener l(w);
  w.run(20s);
  l.peer->send("log", message("said in time"));
  w.time.advance_to(w.time.now() + 35s);  // nobody has a turn meanwhile
  w.run(100ms);
  EXPECT_TRUE(l.n.is_up("peer"));
  EXPECT_EQ(1u, l.n.heard.size());
  EXPECT_TRUE(w.run_until([&] { return !l.n.is_up("peer"); }, 31s));
}

TEST(silence, of_a_peer_is_none_while_what_it_sent_is_not_worked_off) {
  test_world w;
  listener l(w);
  int slow = 0;
  l.n.act([&] {
    l.n.api.rcv(*port_id::parse("node#slow"), [&](const message&) {
      if (++slow % 150 == 0) w.time.advance_to(w.time.now() + 20s);
    });
  });
  for (int i = 0; i < 5000; ++i) l.peer->send("slow", message("n", i));
  ASSERT_TRUE(w.run_until([&] { return slow == 5000 || !l.n.is_up("peer"); }, 2000s));
  EXPECT_TRUE(l.n.is_up("peer")) << w.whole_log().substr(0, 2000);
  EXPECT_EQ(5000, slow);
}

}  // namespace
}  // namespace aemp::mesh
