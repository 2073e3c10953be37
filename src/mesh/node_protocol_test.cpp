// What a node answers to packets for its node port that concern monitors and kills, as a peer of another
// implementation sees it.
#include "mesh/node_protocol.hpp"

#include "mesh/mesh_test.hpp"
#include "mesh/plain_peer_test.hpp"

namespace aemp::mesh {
namespace {

struct visit {
  explicit visit(plain_peer::options how = {}, settings s = plain_settings())
      : alpha(w.add("alpha", std::move(s))),
        peer(w.join(std::make_unique<plain_peer>(w.net, "perl", "perl", std::move(how)))) {
    alpha.listen({"10.0.0.1", 4040});
    alpha.record("log");
    alpha.record("other");
    peer.dial({"10.0.0.1", 4040});
    EXPECT_TRUE(w.run_until([&] { return peer.up() == 1; }, 1s));
  }
  void ask(const message& m) { peer.send("", m); }
  std::vector<std::string> answers() {
    w.run(1s);
    return std::exchange(peer.packets, {});
  }
  void kill(const std::string& port) {
    alpha.act([&] { alpha.api.kil(*port_id::parse("alpha#" + port), "why", 1); });
  }
  using list = std::vector<std::string>;

  test_world w;
  test_node& alpha;
  plain_peer& peer;
};

TEST(node_protocol, tells_when_a_monitored_port_dies_once) {
  visit v;
  v.ask(message("mon1", "log"));
  v.ask(message("mon1", "log"));
  EXPECT_EQ(visit::list{}, v.answers());
  v.kill("log");
  EXPECT_EQ(visit::list{" kil0 log why 1"}, v.answers());
  v.ask(message("mon1", "log"));
  EXPECT_EQ(visit::list{" kil0 log no_such_port cannot monitor nonexistent port alpha#log"}, v.answers());
}

TEST(node_protocol, forgets_a_monitor_that_is_taken_back) {
  visit v;
  v.ask(message("mon1", "log"));
  v.ask(message("mon1", "other"));
  v.ask(message("mon0", "log"));
  v.ask(message("mon0", "nothing"));
  EXPECT_EQ(visit::list{}, v.answers());
  v.kill("log");
  v.kill("other");
  EXPECT_EQ(visit::list{" kil0 other why 1"}, v.answers());
}

TEST(node_protocol, kills_a_port_in_the_words_of_both_versions_and_in_order_with_messages) {
  visit v;
  v.ask(message("mon1", "log"));
  v.ask(message("mon1", "other"));
  v.peer.send("log", message("before"));
  v.ask(message("kil", "log", "my", "reason", 3));
  v.peer.send("log", message("after"));
  v.ask(message("kil1", "other"));
  EXPECT_EQ((visit::list{" kil0 log my reason 3", " kil0 other"}), v.answers());
  EXPECT_EQ(visit::list{"before"}, v.alpha.heard);
}

TEST(node_protocol, cannot_be_made_to_kill_the_node_port) {
  visit v;
  v.ask(message("kil", "", "boom"));
  v.ask(message("kil1", ""));
  v.ask(message("kil"));
  v.ask(message("time", "perl#answer"));
  EXPECT_EQ(1u, v.answers().size());
  EXPECT_TRUE(v.w.was_logged("wants to kill the node port", 2));
}

TEST(node_protocol, monitors_a_spawned_port_in_the_same_breath) {
  visit v;
  v.alpha.act([&] { v.alpha.api.define("echo", [&] { v.alpha.heard.push_back("born"); }); });
  v.ask(message("AnyEvent::MP::_spawn", "JVDv.b", "echo"));
  v.ask(message("mon1", "JVDv.b"));
  v.ask(message("AnyEvent::MP::_spawn", "JVDv.c", "no::such"));
  v.ask(message("mon1", "JVDv.c"));
  const auto answers = v.answers();
  ASSERT_EQ(2u, answers.size());
  EXPECT_EQ(" kil0 JVDv.b", answers[0]);
  EXPECT_TRUE(answers[1].starts_with(" kil0 JVDv.c no_such_function")) << answers[1];
}

TEST(node_protocol, bounds_the_monitors_of_one_node_and_says_so) {
  settings s = plain_settings();
  s.limits.max_monitors = 1;
  visit v({}, s);
  v.ask(message("mon1", "log"));
  v.ask(message("mon1", "other"));
  const auto answers = v.answers();
  ASSERT_EQ(1u, answers.size());
  EXPECT_TRUE(answers[0].starts_with(" kil0 other too_many_monitors")) << answers[0];
}

TEST(node_protocol, sends_requests_in_the_words_of_the_peers_version) {
  for (const bool modern : {false, true}) {
    plain_peer::options how;
    if (modern) how.keys = {{"mproto", "1"}};
    visit v(how);
    v.alpha.mon("perl#p");
    v.alpha.mon("perl#p");
    v.alpha.mon("perl");
    v.alpha.act([&] { v.alpha.api.kil(*port_id::parse("perl#p"), "gone"); });
    EXPECT_EQ((visit::list{" mon1 p", modern ? " kil1 p gone" : " kil p gone"}), v.answers());
    v.ask(message("kil0", "p", "gone"));
    v.ask(message("kil0", "unknown"));
    EXPECT_EQ(visit::list{}, v.answers());
    EXPECT_EQ((visit::list{"gone", "gone"}), v.alpha.reasons);
  }
}

TEST(node_protocol, takes_a_monitor_back_when_the_last_one_is_cancelled) {
  visit v;
  monitor one, two;
  v.alpha.act([&] {
    one = v.alpha.api.mon(*port_id::parse("perl#p"), [](const message&) {});
    two = v.alpha.api.mon(*port_id::parse("perl#p"), [](const message&) {});
    one.cancel();
  });
  EXPECT_EQ(visit::list{" mon1 p"}, v.answers());
  v.alpha.act([&] { two.cancel(); });
  EXPECT_EQ(visit::list{" mon0 p"}, v.answers());
}

TEST(node_protocol, ends_monitors_with_their_connection) {
  visit v;
  v.ask(message("mon1", "log"));
  v.w.run(1s);
  v.peer.hang_up();
  v.w.run(1s);
  v.peer.dial({"10.0.0.1", 4040});
  v.w.run(1s);
  ASSERT_EQ(1, v.peer.up());
  v.kill("log");
  EXPECT_EQ(visit::list{}, v.answers());
}

}  // namespace
}  // namespace aemp::mesh
