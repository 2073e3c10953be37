// Two nodes that dial each other at the same time, in every order in which that can happen (aemp-protocol
// J.1): in each, exactly one connection is left on both sides, and every message arrives once and in order.
#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

using sim::chooser;
using sim::exploration;
using sim::explore;
using sim::explore_options;

const net::endpoint low_place{"10.0.0.1", 4040};
const net::endpoint low_place_too{"10.0.0.1", 4041};
const net::endpoint high_place{"10.0.0.2", 4040};
const net::endpoint high_place_too{"10.0.0.2", 4041};

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return out;
}

std::string expect(const std::string& what, const std::string& wanted, const std::string& found) {
  return wanted == found ? "" : what + ": " + found + " instead of " + wanted + "; ";
}

// Low and high, named by their IDs: high is the arbiter.
struct pair {
  explicit pair(test_world& w, settings s = plain_settings())
      : w(w), low(w.add("low", s)), high(w.add("higher", s)) {
    low.listen(low_place);
    high.listen(high_place);
    low.record("log");
    high.record("log");
  }
  std::string verdict(const std::string& low_hears, const std::string& high_hears,
                      std::size_t connections = 1) const {
    return expect("low hears", low_hears, joined(low.heard)) +
           expect("high hears", high_hears, joined(high.heard)) +
           expect("low's nodes", "+higher", joined(low.changes)) +
           expect("high's nodes", "+low", joined(high.changes)) +
           expect("connections", std::to_string(connections), std::to_string(w.net.connection_count()));
  }
  test_world& w;
  test_node& low;
  test_node& high;
};

TEST(rivals, one_of_two_connections_is_left_in_every_order) {
  for (const encryption_mode mode : {encryption_mode::off, encryption_mode::required}) {
    const exploration all = explore(
        [mode](chooser& next) -> std::string {
          test_world w(next);
          settings s = plain_settings();
          s.encryption = mode;
          pair p(w, s);
          p.low.mesh.learn("higher", {high_place});
          p.high.mesh.learn("low", {low_place});
          p.low.snd("higher#log", 1);
          p.low.snd("higher#log", 2);
          p.high.snd("low#log", 3);
          p.high.snd("low#log", 4);
          w.run(100ms);
          return p.verdict("3,4", "1,2");
        },
        {.limit = 100'000, .skip_equivalent = true});
    EXPECT_TRUE(all.complete && all.failure.empty()) << all.str();
    EXPECT_LT(100u, all.schedules);  // they really were under way at the same time
  }
}

// Not all orders: there are too many. As many as fit into seconds, by chance, and again in time.
TEST(rivals, one_is_left_when_both_have_two_addresses_and_a_seed_in_each_other) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    test_world w(seed);
    settings low_settings = plain_settings(), high_settings = plain_settings();
    low_settings.seeds = {{"10.0.0.2", 4040}, {"10.0.0.2", 4041}};
    high_settings.seeds = {{"10.0.0.1", 4040}, {"10.0.0.1", 4041}};
    test_node& low = w.add("low", low_settings);
    test_node& high = w.add("higher", high_settings);
    low.listen(low_place);
    low.listen(low_place_too);
    high.listen(high_place);
    high.listen(high_place_too);
    low.record("log");
    high.record("log");
    low.mesh.learn("higher", {high_place, high_place_too});
    high.mesh.learn("low", {low_place, low_place_too});
    low.start();
    high.start();
    for (int i = 0; i < 20; ++i) {
      low.snd("higher#log", i);
      high.snd("low#log", i);
      w.run(1ms * static_cast<int>(seed % 7));
    }
    w.run(5s);
    const std::string wanted = "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19";
    ASSERT_EQ(wanted, joined(low.heard)) << "seed " << seed << "\n" << w.whole_log();
    ASSERT_EQ(wanted, joined(high.heard)) << "seed " << seed << "\n" << w.whole_log();
    ASSERT_EQ("+higher", joined(low.changes)) << "seed " << seed;
    ASSERT_EQ("+low", joined(high.changes)) << "seed " << seed;
    ASSERT_EQ(1u, w.net.connection_count()) << "seed " << seed;
  }
}

// Against a node without the rule we are the arbiter, whatever the names are.
std::string meet_plain_peer(chooser& next, const std::string& name) {
  test_world w(next);
  test_node& ours = w.add("middle");
  auto made = std::make_unique<plain_peer>(w.net, "perl", name);
  plain_peer& theirs = w.join(std::move(made));
  ours.listen(low_place);
  theirs.listen(high_place);
  ours.record("log");
  ours.mesh.learn(name, {high_place});
  ours.snd(name + "#log", 1);
  ours.snd(name + "#log", 2);
  theirs.dial(low_place);
  w.run(100ms);
  theirs.send("log", message(3));
  w.run(100ms);
  return expect("ours hears", "3", joined(ours.heard)) +
         expect("theirs hears", "log 1,log 2", joined(theirs.packets)) +
         expect("ours' nodes", "+" + name, joined(ours.changes)) +
         expect("up", "1", std::to_string(theirs.up())) +
         expect("completed", "1", std::to_string(theirs.completed)) +
         expect("connections", "1", std::to_string(w.net.connection_count()));
}

TEST(rivals, one_is_left_against_a_node_that_does_not_know_the_rule) {
  for (const std::string name : {"aaa", "zzz"}) {
    const exploration all = explore([&](chooser& next) { return meet_plain_peer(next, name); },
                                    {.limit = 100'000, .skip_equivalent = true});
    EXPECT_TRUE(all.complete && all.failure.empty()) << name << "\n" << all.str();
  }
}

// Somebody without the secret who says that he is "low".
TEST(rivals, an_impostor_blocks_nobody) {
  const exploration all = explore(
      [](chooser& next) -> std::string {
        test_world w(next);
        pair p(w);
        plain_peer& impostor = w.join(
            std::make_unique<plain_peer>(w.net, "evil", "low", plain_peer::options{.secret = "guessed"}));
        impostor.dial(high_place);
        p.low.mesh.learn("higher", {high_place});
        p.low.snd("higher#log", 1);
        w.run(100ms);
        return p.verdict("", "1") + expect("impostor", "0", std::to_string(impostor.completed));
      },
      {.limit = 100'000, .skip_equivalent = true});
  EXPECT_TRUE(all.complete && all.failure.empty()) << all.str();
}

TEST(rivals, an_impostor_who_stops_in_the_middle_blocks_nobody) {
  test_world w;
  pair p(w);
  plain_peer& impostor = w.join(std::make_unique<plain_peer>(
      w.net, "evil", "low", plain_peer::options{.keys = {{"arbiter", "1"}}, .stop_before_auth = true}));
  impostor.dial(high_place);
  w.run(1s);
  p.low.mesh.learn("higher", {high_place});
  p.low.snd("higher#log", 1);
  w.run(1s);
  EXPECT_EQ("", p.verdict("", "1"));
  EXPECT_EQ(0, impostor.open());
}

// The arbiter has accepted one connection, then another; what it said on the first took longer on the way. What comes
// there is older than what has come on the second.
TEST(rivals, what_the_arbiter_accepted_before_does_not_replace_what_it_accepted_last) {
  const plain_peer::options arbiter{.keys = {{"arbiter", "1"}}, .prove_late = true};
  struct acceptances {
    std::uint64_t first, last;
  };
  // An arbiter that does not number them is believed to accept connections in the order in which they are made.
  for (const auto& [first, last] : {acceptances{1, 2}, acceptances{9, 10}, acceptances{0, 0}}) {
    for (const bool made_first : {true, false}) {
      test_world w;
      test_node& ours = w.add("middle");
      ours.listen(low_place);
      plain_peer& slow = w.join(std::make_unique<plain_peer>(w.net, "slow", "zzz", arbiter));
      plain_peer& fast = w.join(std::make_unique<plain_peer>(w.net, "fast", "zzz", arbiter));
      (made_first ? slow : fast).dial(low_place);
      w.run(100ms);
      (made_first ? fast : slow).dial(low_place);
      w.run(100ms);
      fast.prove(last);
      w.run(100ms);
      ASSERT_EQ(1, fast.up());
      ASSERT_EQ(1, slow.open());
      slow.prove(first);
      w.run(100ms);
      const bool kept = made_first || first != 0;
      EXPECT_EQ(kept ? 1 : 0, fast.up()) << first << " " << made_first;
      EXPECT_EQ(kept ? 0 : 1, slow.open()) << first << " " << made_first;
      EXPECT_EQ(kept ? "+zzz" : "+zzz,-zzz,+zzz", joined(ours.changes)) << first << " " << made_first;
    }
  }
}

// Its handshake could take until the limit, and would count among those that strangers may have.
TEST(rivals, a_handshake_that_stands_still_ends_when_its_node_is_up_on_another_connection) {
  test_world w;
  test_node& ours = w.add("middle");
  ours.listen(low_place);
  plain_peer& stuck = w.join(
      std::make_unique<plain_peer>(w.net, "evil", "perl", plain_peer::options{.stop_before_auth = true}));
  stuck.dial(low_place);
  w.run(1s);
  ASSERT_EQ(1, stuck.open());
  plain_peer& perl = w.join(std::make_unique<plain_peer>(w.net, "perl", "perl"));
  perl.dial(low_place);
  w.run(100ms);
  EXPECT_EQ(1, perl.up());
  EXPECT_EQ(0, stuck.open());
}

TEST(rivals, a_second_connection_is_refused_and_does_not_disturb_the_first) {
  test_world w;
  test_node& ours = w.add("middle");
  ours.listen(low_place);
  ours.record("log");
  plain_peer& first = w.join(std::make_unique<plain_peer>(w.net, "perl", "perl"));
  plain_peer& second = w.join(std::make_unique<plain_peer>(w.net, "perl2", "perl"));
  first.dial(low_place);
  w.run(1s);
  second.dial(low_place);
  w.run(1s);
  EXPECT_EQ(1, first.up());
  EXPECT_EQ(0, second.open());
  EXPECT_TRUE(w.was_logged("same_node_id: two nodes call themselves perl", 2)) << w.whole_log();
  first.send("log", message("still here"));
  w.run(1s);
  EXPECT_EQ("still here", joined(ours.heard));
  EXPECT_EQ("+perl", joined(ours.changes));
}

// The arbiter has noticed that the connection is gone, the other node has not.
TEST(rivals, the_arbiters_new_connection_takes_the_place_of_one_that_it_has_given_up) {
  test_world w;
  settings patient = plain_settings(), hasty = plain_settings();
  patient.monitor_timeout = 10min;
  hasty.monitor_timeout = 3s;
  test_node& low = w.add("low", patient);
  test_node& high = w.add("higher", hasty);
  low.listen(low_place);
  low.record("log");
  high.mesh.learn("low", {low_place});
  high.snd("low#log", 1);
  w.run(1s);
  low.mon("higher");
  w.net.partition({"low"}, {"higher"});
  ASSERT_TRUE(w.run_until([&] { return !high.is_up("low"); }, 10s));
  EXPECT_TRUE(low.is_up("higher"));
  high.snd("low#log", 2);
  w.run(1ms);
  w.net.heal();
  ASSERT_TRUE(w.run_until([&] { return low.heard.size() == 2; }, 10s)) << w.whole_log();
  EXPECT_EQ("+higher,-higher,+higher", joined(low.changes));
  EXPECT_EQ(1u, low.reasons.size());
}

}  // namespace
}  // namespace aemp::mesh
