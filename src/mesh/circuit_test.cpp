// The ends of a circuit, against a node in the middle that can say anything; and the middle, against two ends
// and a third node. Whole circuits are in relay_test.cpp.
#include "mesh/circuit.hpp"

#include <algorithm>

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"
#include "wire/hash.hpp"

namespace aemp::mesh {
namespace {

const net::endpoint place{"10.0.0.1", 4040};

class circuit_frames : public testing::Test {
 protected:
  test_node& listening(settings s = plain_settings()) {
    w.net.add_host("node");
    test_node& n = w.add_on("node", "node", std::move(s));
    n.listen(place);
    n.start();
    return n;
  }
  // One that passes circuits on, as far as it says.
  plain_peer& join(const std::string& id) {
    plain_peer::options how;
    how.keys = {{"relay", "1"}};
    plain_peer& p = w.join(std::make_unique<plain_peer>(w.net, id, id, how));
    p.dial(place);
    EXPECT_TRUE(w.run_until([&] { return p.up() == 1; }, 5s));
    return p;
  }
  template <class... A>
  void say(plain_peer& from, A... words) {
    from.send("", message(words...));
    w.run(1s);
  }
  // What it was told about circuits and has not been asked about yet.
  static std::string told(plain_peer& p) {
    std::string all;
    for (const std::string& packet : p.packets) {
      if (contains(packet, "circuit") || contains(packet, "relay")) all += packet + "\n";
    }
    p.packets.clear();
    return all;
  }

  test_world w;
};

TEST_F(circuit_frames, with_a_hole_between_them_end_the_circuit) {
  listening();
  plain_peer& middle = join("middle");
  say(middle, "circuit", "far", "c1", "open");
  EXPECT_TRUE(contains(told(middle), "relay far c1 data 0"));
  say(middle, "circuit", "far", "c1", "data", 0, wire::to_base64("aemp"));
  EXPECT_EQ("", told(middle));
  say(middle, "circuit", "far", "c1", "data", 5, wire::to_base64(";"));
  EXPECT_TRUE(contains(told(middle), "relay far c1 end bytes of it are missing"));
}

TEST_F(circuit_frames, of_more_than_the_window_end_the_circuit) {
  listening();
  plain_peer& middle = join("middle");
  say(middle, "circuit", "far", "c1", "open");
  say(middle, "circuit", "far", "c1", "data", 0, wire::to_base64(std::string(circuit::window + 1, 'x')));
  EXPECT_TRUE(contains(told(middle), "relay far c1 end more came than the window allows"));
}

TEST_F(circuit_frames, that_confirm_what_was_never_sent_end_the_circuit) {
  listening();
  plain_peer& middle = join("middle");
  say(middle, "circuit", "far", "c1", "open");
  say(middle, "circuit", "far", "c1", "ack", 1'000'000);
  EXPECT_TRUE(contains(told(middle), "relay far c1 end bytes were confirmed that were never sent"));
}

TEST_F(circuit_frames, count_only_from_the_node_through_which_the_circuit_leads) {
  test_node& n = listening();
  plain_peer& middle = join("middle");
  plain_peer& other = join("other");
  say(middle, "circuit", "far", "c1", "open");
  (void)told(middle);
  for (const char* kind : {"end", "data", "ack", "open"})
    say(other, "circuit", "far", "c1", kind, 77, "eA==");
  EXPECT_EQ("", told(middle));
  EXPECT_EQ("", told(other));
  say(middle, "circuit", "far", "c1", "ack", 1'000'000);  // it is still there to be ended
  EXPECT_TRUE(contains(told(middle), "relay far c1 end"));
  EXPECT_TRUE(n.is_up("middle") && n.is_up("other"));
}

TEST_F(circuit_frames, open_no_more_circuits_here_than_the_limit) {
  settings s = plain_settings();
  s.limits.max_circuits = 2;
  listening(s);
  plain_peer& middle = join("middle");
  for (const char* id : {"c1", "c2", "c3"}) say(middle, "circuit", "far", id, "open");
  const std::string all = told(middle);
  EXPECT_TRUE(contains(all, "relay far c1 data 0") && contains(all, "relay far c2 data 0")) << all;
  EXPECT_FALSE(contains(all, "relay far c3 data 0")) << all;
  EXPECT_TRUE(contains(all, "relay far c3 end")) << all;
}

TEST_F(circuit_frames, with_names_that_are_none_count_for_nothing) {
  test_node& n = listening();
  plain_peer& one = join("one");
  plain_peer& other = join("other");
  const std::string much(2000, 'c');
  for (const std::string& id : {much, std::string("a;b"), std::string()}) {
    say(one, "circuit", "far", id, "open");
    say(one, "relay", "other", id, "open");
  }
  for (const std::string& node : {much, std::string("a#b"), std::string()}) {
    say(one, "circuit", node, "c1", "open");
    say(one, "relay", node, "c1", "open");
  }
  EXPECT_EQ("", told(one) + told(other));
  EXPECT_TRUE(n.is_up("one"));
  EXPECT_TRUE(w.was_logged("node one names a node or a circuit by what is no name", 2)) << w.whole_log();
}

TEST_F(circuit_frames, are_passed_on_for_the_two_ends_only) {
  listening();
  plain_peer& one = join("one");
  plain_peer& other = join("other");
  plain_peer& third = join("third");
  say(one, "relay", "other", "c1", "open");
  EXPECT_TRUE(contains(told(other), "circuit one c1 open"));
  for (const char* kind : {"data", "ack", "end"}) {
    say(third, "relay", "other", "c1", kind, 0, "eA==");
    say(third, "relay", "one", "c1", kind, 0, "eA==");
  }
  EXPECT_EQ("", told(one) + told(other));
  say(one, "relay", "other", "c1", "data", 0, "eA==");
  EXPECT_TRUE(contains(told(other), "circuit one c1 data 0 eA=="));
}

TEST_F(circuit_frames, to_a_node_that_reads_slowly_end_the_circuit_and_not_its_connection) {
  settings s = plain_settings();
  s.limits.max_queued = 200'000;
  test_node& n = listening(s);
  plain_peer& one = join("one");
  plain_peer& other = join("other");
  say(one, "relay", "other", "c1", "open");
  w.net.partition({"node"}, {"other"});
  for (int i = 0; i < 10; ++i)
    say(one, "relay", "other", "c1", "data", i * 30'000, wire::to_base64(std::string(30'000, 'x')));
  EXPECT_TRUE(contains(told(one), "circuit other c1 end send_buffer_full"));
  EXPECT_TRUE(n.is_up("other"));
  w.net.heal();
  w.run(1s);
  EXPECT_TRUE(contains(told(other), "circuit one c1 end send_buffer_full"));
}

// Seen from the middle, which passes confirmations on before their receiver can know of them.
TEST(circuits, have_no_more_under_way_than_the_window) {
  test_world w;
  w.net.add_host("hub");
  plain_peer::options how;
  how.many = true;
  plain_peer& hub = w.join(std::make_unique<plain_peer>(w.net, "hub", "hub", how));
  hub.listen(place);
  const std::string den = "laptop@" + place.str();
  test_node& hidden = w.add_on("den", den);
  hidden.record("log");
  hidden.act([&] { hidden.mesh.follow({place}); });
  hidden.start();
  test_node& other = w.add("other");
  w.run(1s);
  for (int i = 0; i < 4; ++i) other.snd(den + "#log", std::string(300'000, 'x'));
  ASSERT_TRUE(w.run_until([&] { return hidden.heard.size() == 4; }, 30s));

  std::uint64_t confirmed = 0, most = 0;
  for (const message& m : hub.seen) {  // port, "snd", to, "circuit", from, id, kind, …
    if (m.size() < 8 || m[3] != value("circuit")) continue;
    const bool goes = m[4] == value("other");
    if (!goes && m[6] == value("ack")) confirmed = std::max(confirmed, m[7].as<std::uint64_t>());
    if (!goes || m[6] != value("data")) continue;
    const std::uint64_t end = m[7].as<std::uint64_t>() + wire::from_base64(m[8].to_string())->size();
    most = std::max(most, end - confirmed);
  }
  EXPECT_GT(confirmed, 1'000'000u);
  EXPECT_LE(most, circuit::window);
  EXPECT_GT(most, circuit::window / 2);
}

}  // namespace
}  // namespace aemp::mesh
