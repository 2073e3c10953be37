#include "tool/network/traffic.hpp"

#include <gtest/gtest.h>

namespace aemp::tool {
namespace {

value link(int number, const std::string& peer, bool dialled, int packets, int bytes) {
  return value(value::map{{"number", number},
                          {"node", peer},
                          {"dialled", dialled},
                          {"packets_in", packets},
                          {"packets_out", packets},
                          {"bytes_in", bytes},
                          {"bytes_out", 2 * bytes},
                          {"queued", 5},
                          {"round_trip", 0.25}});
}

value node_facts(int delivered) {
  const value worker(value::map{{"waiting", 3}});
  return value(value::map{{"delivered", delivered},
                          {"ports", 7},
                          {"uptime", 60},
                          {"workers", value(value::array{worker, worker})}});
}

TEST(counter, has_a_rate_when_it_was_seen_twice) {
  counter c;
  c.see(100, 1);
  EXPECT_FALSE(c.rate());
  c.see(150, 3);
  EXPECT_EQ(c.rate(), 25);
}

TEST(counter, that_began_again_has_no_rate) {
  counter c;
  c.see(100, 1);
  c.see(10, 2);
  EXPECT_FALSE(c.rate());
  c.see(20, 3);
  EXPECT_EQ(c.rate(), 10);
}

TEST(traffic, of_a_node_is_the_sum_of_its_connections) {
  traffic t("anon/me");
  for (int turn = 0; turn < 2; ++turn) {
    t.begin_turn();
    t.told("a",
           {link(1, "b", true, 10 * turn, 100 * turn), link(2, "c", true, 20 * turn, 200 * turn),
            link(3, "anon/me", false, 1000 * turn, 0)},
           2.0 * turn, 0.5);
    t.told("a", node_facts(1000 * turn), 2.0 * turn);
  }
  const auto rows = t.nodes();
  ASSERT_EQ(rows.size(), 1u);
  const node_row& a = rows[0];
  EXPECT_TRUE(a.told);
  EXPECT_EQ(a.messages, 500);
  EXPECT_EQ(a.bytes_in, 150);
  EXPECT_EQ(a.bytes_out, 300);
  EXPECT_EQ(a.waiting, 6);
  EXPECT_EQ(a.queued, 10);
  EXPECT_EQ(a.round_trip, 0.5);
  EXPECT_EQ(a.ports, 7);
  EXPECT_EQ(a.peers, 2);
}

TEST(traffic, names_the_peers_that_a_node_told_of_but_not_the_tool) {
  traffic t("anon/me");
  EXPECT_EQ(t.told("a", {link(1, "b", true, 0, 0), link(2, "anon/me", false, 0, 0)}, 0, 0),
            std::vector<std::string>{"b"});
}

TEST(traffic, of_a_connection_is_shown_once_as_the_one_who_dialled_sees_it) {
  traffic t("anon/me");
  t.begin_turn();
  t.told("a", {link(1, "b", false, 0, 0), link(2, "silent", false, 0, 0)}, 0, 0);
  t.told("b", {link(9, "a", true, 0, 0)}, 0, 0);
  const auto rows = t.connections();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].node + " " + rows[0].peer, "a silent");
  EXPECT_EQ(rows[1].node + " " + rows[1].peer, "b a");
  EXPECT_EQ(rows[1].round_trip, 0.25);
}

TEST(traffic, of_a_new_connection_with_the_same_peer_begins_anew) {
  traffic t("anon/me");
  t.told("a", {link(1, "b", true, 1000, 0)}, 0, 0);
  t.told("a", {link(2, "b", true, 2000, 0)}, 1, 0);
  EXPECT_FALSE(t.connections()[0].messages);
}

TEST(traffic, forgets_nodes_that_nobody_names_any_more) {
  traffic t("anon/me");
  t.begin_turn();
  t.seen("gone");
  t.seen("here");
  t.begin_turn();
  t.seen("here");
  EXPECT_EQ(t.nodes().size(), 2u);
  t.begin_turn();
  EXPECT_EQ(t.nodes().size(), 1u);
  EXPECT_FALSE(t.nodes()[0].told);
}

TEST(traffic, as_json_has_null_for_what_is_not_known) {
  const value json =
      json_of({{.node = "a", .told = true}, {.node = "b"}}, {{.node = "a", .peer = "b", .messages = 2}});
  EXPECT_TRUE(json["nodes"][0]["messages"].is_null());
  EXPECT_EQ(json["nodes"][0]["ports"], value(0.0));
  EXPECT_EQ(json["nodes"][1], value(value::map{{"node", "b"}, {"told", false}}));
  EXPECT_EQ(json["connections"][0]["messages"], value(2.0));
}

}  // namespace
}  // namespace aemp::tool
