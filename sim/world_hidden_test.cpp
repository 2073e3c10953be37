// Nodes that listen nowhere: hidden ones, which say through whom they are reached (become_slave), and those
// that share a peer with others like them (docs/protocol.md, "circuits").
#include "sim/world.hpp"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include <aemp/aemp.hpp>

namespace aemp::sim {
namespace {

using namespace std::chrono_literals;

class hidden_nodes : public testing::Test {
 protected:
  hidden_nodes() {
    set_log_sink([](int, std::string_view) {});
  }
  ~hidden_nodes() override { set_log_sink({}); }

  static config listening(const std::string& id) {
    return {.nodeid = id, .binds = {id + ":4040"}, .seeds = {}};
  }
  static config listening_nowhere(const std::string& id, std::vector<std::string> seeds) {
    return {.nodeid = id, .binds = {}, .seeds = std::move(seeds)};
  }
  // A hidden node behind `master`, with a port that echoes.
  static node& hide(world& w, const std::string& id, const std::string& master) {
    node& n = w.make_node(id, listening_nowhere(id, {}));
    n.become_slave(master + ":4040");
    n.rcv(*port_id::parse(n.port().node() + "#echo"),
          [](port_id from, const value& v) { snd(from, "echo", v); });
    return n;
  }
  static port_id echo_of(node& n) { return *port_id::parse(n.port().node() + "#echo"); }
};

// What a node has asked an echo port, and what it has heard of it.
struct asker {
  explicit asker(node& n) : n(n) {
    ear = n.port();
    n.rcv(ear, "echo", [this](std::string text) { heard += text + " "; });
  }
  void ask(const port_id& echo, const std::string& text) { n.snd(echo, ear, text); }
  void watch(const port_id& p) {
    n.mon(p, [this](const message& m) { reason = m.to_string(); });
  }
  node& n;
  port_id ear;
  std::string heard, reason;
};

TEST_F(hidden_nodes, are_called_by_their_id_and_where_their_master_is) {
  world w(1);
  w.make_node("m", listening("m"));
  node& named = hide(w, "laptop", "m");
  EXPECT_EQ("laptop@10.0.0.1:4040", named.port().node());
  named.become_slave("elsewhere:1");
  EXPECT_EQ("laptop@10.0.0.1:4040", named.port().node());
  node& nameless = w.make_node("den");
  nameless.become_slave("m:4040,m:4041");
  const std::string id = nameless.port().node();
  EXPECT_TRUE(id.ends_with("@10.0.0.1:4040,10.0.0.1:4041")) << id;
  EXPECT_TRUE(named.listening().empty());
}

TEST_F(hidden_nodes, cannot_listen) {
  world w(1);
  w.make_node("m", listening("m"));
  node& open = w.make_node("open", listening("open"));
  try {
    open.become_slave("m:4040");
    FAIL();
  } catch (const start_error& e) {
    EXPECT_EQ("already_listening", e.name());
    EXPECT_NE(std::string::npos, std::string(e.what()).find("binds = {}")) << e.what();
  }
}

TEST_F(hidden_nodes, are_reached_by_whoever_has_a_port_id) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    world w(seed);
    w.make_node("m", listening("m"));
    node& laptop = hide(w, "laptop", "m");
    asker stranger(w.make_node("stranger", listening("stranger")));
    w.run_for(1ms * static_cast<int>(seed * 10));
    for (const char* text : {"1", "2", "3"}) stranger.ask(echo_of(laptop), text);
    ASSERT_TRUE(w.run_until([&] { return stranger.heard == "1 2 3 "; }, 10s))
        << seed << ": " << stranger.heard;
    EXPECT_TRUE(stranger.n.node_is_up(laptop.port().node()));
  }
}

TEST_F(hidden_nodes, are_spawned_on_monitored_and_killed_like_any_other) {
  world w(1);
  w.make_node("m", listening("m"));
  node& laptop = hide(w, "laptop", "m");
  laptop.define("greet", [](port_id to) {
    rcv(self(), [](const message&) {});
    snd(to, "echo", "born");
  });
  asker stranger(w.make_node("stranger", listening("stranger")));
  const port_id p = stranger.n.spawn(laptop.port().node(), "greet", stranger.ear);
  stranger.watch(p);
  ASSERT_TRUE(w.run_until([&] { return stranger.heard == "born "; }, 10s));
  stranger.n.kil(p, "enough");
  ASSERT_TRUE(w.run_until([&] { return stranger.reason == "enough"; }, 10s)) << stranger.reason;
}

TEST_F(hidden_nodes, reach_each_other_through_the_others_master) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    w.make_node("m1", listening("m1"));
    w.make_node("m2", listening("m2"));
    node& one = hide(w, "one", "m1");
    node& two = hide(w, "two", "m2");
    asker a(one), b(two);
    a.ask(echo_of(two), "there");
    b.ask(echo_of(one), "and back");
    ASSERT_TRUE(w.run_until([&] { return a.heard == "there " && b.heard == "and back "; }, 20s))
        << "seed " << seed;
  }
}

TEST_F(hidden_nodes, are_lost_with_their_master_and_come_back_under_their_id) {
  for (const death how : {death::crash, death::vanish}) {
    world w(1);
    node& master = w.make_node("m", listening("m"));
    node& laptop = hide(w, "laptop", "m");
    asker stranger(w.make_node("stranger", listening("stranger")));
    stranger.ask(echo_of(laptop), "before");
    ASSERT_TRUE(w.run_until([&] { return stranger.heard == "before "; }, 10s));
    stranger.watch(echo_of(laptop));
    w.run_for(1s);
    w.kill(master, how);
    ASSERT_TRUE(w.run_until([&] { return !stranger.reason.empty(); }, 61s));
    EXPECT_TRUE(stranger.reason.starts_with("transport_error laptop@10.0.0.1:4040 ")) << stranger.reason;
    w.make_node("m", listening("m"));
    w.run_for(60s);
    stranger.ask(echo_of(laptop), "after");
    ASSERT_TRUE(w.run_until([&] { return stranger.heard == "before after "; }, 10s)) << stranger.reason;
  }
}

TEST_F(hidden_nodes, are_talked_to_directly_when_they_have_dialled) {
  world w(1);
  node& master = w.make_node("m", listening("m"));
  asker laptop(hide(w, "laptop", "m"));
  node& server = w.make_node("server", listening("server"));
  const port_id echo =
      server.rcv(*port_id::parse("server#echo"), [](port_id from, const value& v) { snd(from, "echo", v); });
  w.run_for(1s);
  laptop.ask(*port_id::parse("server:4040#echo"), "directly");
  ASSERT_TRUE(w.run_until([&] { return laptop.heard == "directly "; }, 10s));
  w.kill(master);
  laptop.ask(*port_id::parse("server:4040#echo"), "still");
  EXPECT_TRUE(w.run_until([&] { return laptop.heard == "directly still "; }, 1s));
}

// The listening node is the arbiter. It accepts the circuit, then the direct connection, whose acceptance may be
// here first.
TEST_F(hidden_nodes, hear_in_order_what_comes_by_circuit_and_then_directly) {
  std::size_t by_both_ways = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    world w(seed);
    chance luck(seed);
    w.make_node("m", listening("m"));
    node& z = w.make_node("z", listening("z"));
    node& hidden = hide(w, "a", "m");
    z.rcv(*port_id::parse("z#any"), [](const message&) {});
    std::vector<int> heard;
    hidden.rcv(*port_id::parse(hidden.port().node() + "#count"), [&](int n) { heard.push_back(n); });
    w.run_for(5s);
    for (const std::string from : {"m", "z", "a"}) {
      for (const std::string to : {"m", "z", "a"})
        w.set_link(from, to, {.latency = luck.one_in(2) ? 100us : 30'000us, .jitter = 10ms});
    }
    const port_id count = *port_id::parse(hidden.port().node() + "#count");
    const auto dials_at = static_cast<int>(luck.below(150)) - 100;
    for (int n = -100; n < 300; ++n) {
      if (n >= 0) z.snd(count, n);
      if (n == dials_at) hidden.snd(*port_id::parse("z:4040#any"), "hello");
      w.run_for(1ms);
    }
    w.run_for(5s);
    EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end())) << "seed " << seed;
    ASSERT_FALSE(heard.empty());
    EXPECT_EQ(299, heard.back()) << "seed " << seed;
    by_both_ways += heard.size() < 300 ? 1 : 0;
  }
  EXPECT_GT(by_both_ways, 0u) << "no circuit was given up while messages were on it";
}

// Wherever a node ID can stand: `id`, `host:port,…` and `id@host:port`.
TEST_F(hidden_nodes, and_others_are_named_by_any_form_of_a_noderef) {
  world w(1);
  node& server = w.make_node("server", listening("server"));
  server.rcv(*port_id::parse("server#echo"), [](port_id from, const value& v) { snd(from, "echo", v); });
  const auto greet = [](port_id to) {
    rcv(self(), [](const message&) {});
    snd(to, "echo", "hi");
  };
  server.define("greet", greet);
  node& quiet = w.make_node("quiet", listening_nowhere("quiet", {"server:4040"}));
  quiet.rcv(*port_id::parse("quiet#echo"), [](port_id from, const value& v) { snd(from, "echo", v); });
  quiet.define("greet", greet);
  w.run_for(1s);
  int n = 0;
  for (const std::string form : {"server:4040", "server:9,10.0.0.1:4040", "10.0.0.1:4040", "server",
                                 "quiet@server:4040", "quiet@10.0.0.1:4040", "quiet"}) {
    const std::string host = "asker" + std::to_string(++n);
    asker a(w.make_node(host, listening_nowhere(host, {"server:4040"})));
    w.run_for(1s);
    a.ask(*port_id::parse(form + "#echo"), "x");
    ASSERT_TRUE(w.run_until([&] { return a.heard == "x "; }, 10s)) << form;
    const port_id born = a.n.spawn(form, "greet", a.ear);
    ASSERT_TRUE(w.run_until([&] { return a.heard == "x hi "; }, 10s)) << form;
    a.watch(born);
    a.n.kil(born, "bye");
    ASSERT_TRUE(w.run_until([&] { return a.reason == "bye"; }, 10s)) << form << ": " << a.reason;
    a.n.snd(*port_id::parse(form), "snd", form.starts_with("quiet") ? "quiet#echo" : "server#echo", a.ear,
            "y");
    ASSERT_TRUE(w.run_until([&] { return a.heard == "x hi y "; }, 10s)) << form;
    a.reason.clear();
    a.watch(*port_id::parse(form));
    w.run_for(1s);
    w.cut(host, "server");
    ASSERT_TRUE(w.run_until([&] { return a.reason.starts_with("transport_error " + form + " "); }, 10s))
        << form << ": " << a.reason;
    w.run_for(10s);
  }
}

TEST_F(hidden_nodes, without_a_master_talk_through_a_peer_that_both_have) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    std::vector<std::string> seeds{"g1:4040", "g2:4040"};
    std::vector<node*> globals;
    for (const char* name : {"g1", "g2"})
      globals.push_back(
          &w.make_node(name, {.nodeid = name, .binds = {std::string(name) + ":4040"}, .seeds = seeds}));
    node& one = w.make_node("one", listening_nowhere("one", seeds));
    asker two(w.make_node("two", listening_nowhere("two", seeds)));
    const port_id echo =
        one.rcv(*port_id::parse("one#echo"), [](port_id from, const value& v) { snd(from, "echo", v); });
    w.run_for(10s);
    two.ask(echo, "a");
    ASSERT_TRUE(w.run_until([&] { return two.heard == "a "; }, 10s)) << "seed " << seed;

    // Whichever it goes through: one of them dies, and the other one is there.
    two.watch(echo);
    w.run_for(1s);
    w.kill(*globals[seed % 2]);
    w.run_for(31s);
    two.ask(echo, "b");
    ASSERT_TRUE(w.run_until([&] { return two.heard == "a b "; }, 31s))
        << "seed " << seed << " " << two.reason;
  }
}

// One is known to one global node, the other one to another.
TEST_F(hidden_nodes, without_a_master_find_each_other_through_different_seeds) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    for (const char* name : {"g1", "g2"}) {
      w.make_node(name,
                  {.nodeid = name, .binds = {std::string(name) + ":4040"}, .seeds = {"g1:4040", "g2:4040"}});
    }
    w.run_for(5s);
    node& one = w.make_node("one", listening_nowhere("one", {"g1:4040"}));
    asker two(w.make_node("two", listening_nowhere("two", {"g2:4040"})));
    one.rcv(*port_id::parse("one#echo"), [](port_id from, const value& v) { snd(from, "echo", v); });
    w.run_for(5s);
    two.ask(*port_id::parse("one#echo"), "a");
    ASSERT_TRUE(w.run_until([&] { return two.heard == "a "; }, 10s)) << "seed " << seed;
  }
}

// While each was cut off from one seed, that one has reached it through the other. A circuit is no contact
// with a seed: it has to be dialled again, or nobody is left who is connected to both.
TEST_F(hidden_nodes, without_a_master_return_to_their_seeds_though_circuits_lead_to_them) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    const auto echo = [](port_id from, const value& v) { snd(from, "echo", v); };
    std::vector<std::unique_ptr<asker>> seeds;
    for (const std::string name : {"g1", "g2"}) {
      node& g =
          w.make_node(name, {.nodeid = name, .binds = {name + ":4040"}, .seeds = {"g1:4040", "g2:4040"}});
      g.rcv(*port_id::parse(name + "#echo"), echo);
      seeds.push_back(std::make_unique<asker>(g));
    }
    w.run_for(5s);
    asker one(w.make_node("one", listening_nowhere("one", {"g1:4040", "g2:4040"})));
    asker two(w.make_node("two", listening_nowhere("two", {"g1:4040", "g2:4040"})));
    one.n.rcv(*port_id::parse("one#echo"), echo);
    two.n.rcv(*port_id::parse("two#echo"), echo);
    w.run_for(5s);
    one.ask(*port_id::parse("g2#echo"), "other");
    two.ask(*port_id::parse("g1#echo"), "other");
    ASSERT_TRUE(w.run_until([&] { return one.heard == "other " && two.heard == "other "; }, 10s))
        << "seed " << seed;

    w.cut("one", "g1");
    w.cut("two", "g2");
    ASSERT_TRUE(w.run_until(
        [&] {
          return !one.n.node_is_up("g1") && !two.n.node_is_up("g2") && !seeds[0]->n.node_is_up("one") &&
                 !seeds[1]->n.node_is_up("two");
        },
        1s));
    w.partition({"one"}, {"g1"});
    w.partition({"two"}, {"g2"});
    w.run_for(2s);
    seeds[0]->ask(*port_id::parse("one#echo"), "circuit");
    seeds[1]->ask(*port_id::parse("two#echo"), "circuit");
    w.run_for(20s);
    EXPECT_TRUE(one.n.node_is_up("g1") && two.n.node_is_up("g2")) << "seed " << seed;
    w.heal();
    w.run_for(60s);
    two.ask(*port_id::parse("one#echo"), "again");
    ASSERT_TRUE(w.run_until([&] { return two.heard == "other again "; }, 31s))
        << "seed " << seed << " " << seeds[0]->heard << seeds[1]->heard;
  }
}

TEST_F(hidden_nodes, without_a_master_lose_each_other_with_the_peer_that_both_have) {
  world w(1);
  node& hub = w.make_node("hub", listening("hub"));
  node& one = w.make_node("one", listening_nowhere("one", {"hub:4040"}));
  asker two(w.make_node("two", listening_nowhere("two", {"hub:4040"})));
  one.rcv(*port_id::parse("one#echo"), [](port_id from, const value& v) { snd(from, "echo", v); });
  w.run_for(5s);
  two.ask(*port_id::parse("one#echo"), "a");
  ASSERT_TRUE(w.run_until([&] { return two.heard == "a "; }, 10s));
  two.watch(*port_id::parse("one#echo"));
  w.run_for(1s);
  w.kill(hub);
  ASSERT_TRUE(w.run_until([&] { return !two.reason.empty(); }, 1s));
  EXPECT_TRUE(two.reason.starts_with("transport_error one node hub, through which it was reached, is lost"))
      << two.reason;
}

}  // namespace
}  // namespace aemp::sim
