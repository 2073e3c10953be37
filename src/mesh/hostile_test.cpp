// What peers that prove themselves and then misbehave can do with the global protocols: their own entries at
// most, so much of them and no more, and a line in the log with their name (docs/protocol.md).
#include "mesh/plain_peer_test.hpp"

#include <aemp/group.hpp>

namespace aemp::mesh {
namespace {

using keys = std::vector<std::pair<std::string, std::string>>;
const keys modern{{"mproto", "1"}, {"gproto", "1"}};

class hostile_peers : public testing::Test {
 protected:
  test_node& victim(settings s = plain_settings()) {
    s.global_1 = s.global_2 = true;
    test_node& n = w.add("victim", std::move(s));
    n.listen(at);
    n.start();
    return n;
  }
  plain_peer& join(const std::string& id, keys k = {}) {
    plain_peer::options how;
    how.keys = std::move(k);
    plain_peer& p = w.join(std::make_unique<plain_peer>(w.net, id, id, how));
    p.dial(at);
    EXPECT_TRUE(w.run_until([&] { return p.up() == 1; }, 5s));
    return p;
  }
  // A peer of version 1 with its rendezvous port.
  plain_peer& join_1(const std::string& id) {
    plain_peer& p = join(id);
    p.write(R"(["","AnyEvent::MP::_spawn",")" + id + R"(.r","AnyEvent::MP::Global::connect",0,")" + id +
            "\"]");
    return p;
  }
  std::vector<std::string> members(test_node& n, const std::string& group) {
    std::vector<std::string> out;
    for (const port_id& p : group_functions(n.core).grp_get(group)) out.push_back(p.str());
    return out;
  }
  static std::string ports_of(const std::string& node, int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i == 0 ? "\"" : ",\"") + node + "#" + std::to_string(i) + "\"";
    return list;
  }
  static std::string null_for_each(std::string list) {
    for (std::size_t i = 0; (i = list.find("\",", i)) != list.npos; i += 6) list.replace(i, 2, "\":null,");
    return list + ":null";
  }

  test_world w;
  const net::endpoint at = *net::endpoint::parse("10.0.0.1:4040");
};

TEST_F(hostile_peers, of_version_1_register_no_more_than_the_limit) {
  settings s = plain_settings();
  s.limits.max_registered = 10'000;
  test_node& n = victim(s);
  join_1("greedy").write(R"(["greedy.r","set",{"g":[)" + ports_of("greedy", 1000) + "]}]");
  join_1("modest").write(R"(["modest.r","set",{"g":["modest#a"]}])");
  w.run(1s);
  EXPECT_TRUE(w.was_logged("node greedy: has registered about", 1)) << w.whole_log();
  const auto known = members(n, "g");
  EXPECT_LT(known.size(), 200u);
  EXPECT_EQ("modest#a", known.back());
}

TEST_F(hostile_peers, of_version_2_register_no_more_than_the_limit) {
  settings s = plain_settings();
  s.limits.max_registered = 10'000;
  s.global = true;
  test_node& n = victim(s);
  const std::string much = "{\"g\":{" + null_for_each(ports_of("greedy", 1000)) + "}}";
  join("slave", modern).write(R"(["","g_slave",)" + much + R"(]["","g_slave",{"g":{"slave#a":null}}])");
  join("global", modern).write(R"(["","g_global"]["","g_set",)" + much + "]");
  plain_peer& drip = join("drip", modern);
  drip.write(R"(["","g_slave",{}])");
  for (int i = 0; i < 1000; ++i) drip.write(R"(["","g_upd","g",{"drip#)" + std::to_string(i) + R"(":null}])");
  w.run(1s);
  for (const char* node : {"slave", "global", "drip"}) {
    EXPECT_TRUE(w.was_logged("node " + std::string(node) + ": has registered about", 1)) << w.whole_log();
  }
  const auto known = members(n, "g");
  EXPECT_LT(known.size(), 200u);
  EXPECT_EQ("slave#a", known.back());
}

TEST_F(hostile_peers, that_translate_cannot_speak_for_this_node) {
  settings s = plain_settings();
  s.global_1 = true;
  test_node& n = w.add("victim", s);
  n.listen(at);
  n.start();
  keys both = modern;
  both.emplace_back("arbiter", "1");
  join("translator", both)
      .write(R"(["","AnyEvent::MP::_spawn","t","AnyEvent::MP::Global::connect",0,"translator"])"
             R"(["t","set",{"g":["victim#a","far#b"],"'l":["far#c"]}])");
  w.run(1s);
  EXPECT_EQ(std::vector<std::string>{"far#b"}, members(n, "g"));
  EXPECT_TRUE(
      w.was_logged("node translator: registers port victim#a in group g, which is not its own; dropped", 2))
      << w.whole_log();
  EXPECT_TRUE(w.was_logged("registers ports in the reserved group ''l'; dropped", 2)) << w.whole_log();
}

TEST_F(hostile_peers, of_version_2_subscribe_to_no_more_families_than_the_limit) {
  settings s = plain_settings();
  s.limits.max_subscriptions = 3;
  victim(s);
  plain_peer& greedy = join("greedy", modern);
  greedy.write(R"(["","g_slave",{}])");
  for (const char* family : {"a", "b", "c", "d", "a"}) {
    greedy.write(R"(["","g_mon1",")" + std::string(family) + "\"]");
  }
  greedy.write(R"(["","g_mon0","a"]["","g_mon1","e"])");
  w.run(1s);
  std::string told;
  for (const message& m : greedy.seen) {
    if (m[1] == value("g_chg1")) told += m[2].to_string();
  }
  EXPECT_EQ("abcae", told);
  EXPECT_TRUE(w.was_logged("greedy: wants to be told of more than 3 families (limits.max_subscriptions)", 1))
      << w.whole_log();
}

TEST_F(hostile_peers, have_the_names_that_they_choose_counted) {
  settings s = plain_settings();
  s.limits.max_registered = 50'000;
  s.global = true;
  test_node& n = victim(s);
  std::string families;
  for (int i = 0; i < 100; ++i) {
    families += (i == 0 ? "\"" : ",\"") + std::string(1000, 'x') + std::to_string(i) + R"(":{"k":1})";
  }
  plain_peer& drip = join("drip", modern);
  drip.write(R"(["","g_slave",{}])");
  for (int i = 0; i < 100; ++i) {
    drip.write(R"(["","g_upd",")" + std::string(1000, 'y') + std::to_string(i) + R"(",{"k":1}])");
  }
  join("slave", modern).write(R"(["","g_slave",{)" + families + "}]");
  w.run(1s);
  EXPECT_TRUE(w.was_logged("node slave: has registered about", 1)) << w.whole_log();
  EXPECT_TRUE(w.was_logged("node drip: has registered about", 1)) << w.whole_log();
  std::size_t known = 0;
  for (const auto& [family, content] : n.core.registry().all()) known += family.size() > 1000 ? 1 : 0;
  EXPECT_GT(known, 30u);
  EXPECT_LT(known, 50u);
}

TEST_F(hostile_peers, choose_words_that_are_none_and_are_heard_without_them) {
  settings s = plain_settings();
  s.global = true;
  test_node& n = victim(s);
  const std::string long_key(5000, 'k'), long_name(2000, 'n');
  join("slave", modern)
      .write(
          R"(["","g_slave",{"g":{"slave#a":null,"":1,")" + long_key + R"(":1,"sl;ave#b":null},")" +
          long_name + R"(":{"k":1},"line\nend":{"k":1}}]["","g_upd",")" + long_name +
          R"(",{"k":1}]["","g_mon1","a\nb"])" +
          R"(["","g_find","a;b"]["","g_find",{"a":1}]["","g_db_keys","g",[1]]["","g_upd","g",{"slave#c":null}])");
  join("global", modern)
      .write(
          R"(["","g_global"]["","g_set",{"'l":{"a;b":["1.2.3.4:5"],"global":["10.0.0.9:1"]},"'g":{"a#b":null}}])");
  join_1("old").write(
      R"(["old.r","set",{"g":["old#a"],"h\n":["old#a"],"i":["old#x\ny"]}]["old.r","reg1","g\n","old#b"])"
      R"(["old.r","nodes",{"a;b":["10.0.0.7:1"]}]["old.r","find","a;b"]["old.r","reg1","g",[1]])");
  w.run(1s);
  EXPECT_EQ((std::vector<std::string>{"old#a", "slave#a", "slave#c"}), members(n, "g"));
  for (const auto& [family, content] : n.core.registry().all()) {
    EXPECT_TRUE(family == "g" || family.starts_with("'")) << family.substr(0, 100);
    for (const auto& [key, v] : content) {
      EXPECT_TRUE(!key.empty() && key.size() < 5000 && (family == "g" || key.find_first_of(";#") == key.npos))
          << key;
    }
  }
  EXPECT_TRUE(n.is_up("slave") && n.is_up("global") && n.is_up("old"));
  EXPECT_TRUE(w.was_logged("malformed g_find dropped", 2)) << w.whole_log();
  EXPECT_TRUE(w.was_logged("node old: malformed reg1 dropped", 2)) << w.whole_log();
}

TEST_F(hostile_peers, of_version_2_say_where_they_are_themselves_and_nobody_else) {
  settings s = plain_settings();
  s.global = true;
  victim(s);
  join("slave", modern).write(R"(["","g_slave",{"'l":{"slave":["10.0.0.9:1"],"other":["10.0.0.9:2"]}}])");
  w.run(1s);
  EXPECT_TRUE(w.was_logged("node slave: says where other nodes are; dropped", 2)) << w.whole_log();
}

TEST_F(hostile_peers, of_version_1_have_no_more_nodes_dialled_at_a_time_than_the_limit) {
  victim();
  std::string named;
  for (int i = 0; i < 300; ++i) {
    named += (i == 0 ? "\"" : ",\"") + ("n" + std::to_string(i)) + R"(":["10.0.0.99:1"])";
  }
  join_1("busybody").write(R"(["busybody.r","nodes",{)" + named + "}]");
  w.run(1s);
  EXPECT_TRUE(
      w.was_logged("node busybody: names 44 nodes to connect to while 256 named ones are not reached", 1))
      << w.whole_log();
}

TEST_F(hostile_peers, are_not_believed_to_be_the_master) {
  test_node& n = victim();
  plain_peer::options how;
  how.keys = modern;
  plain_peer& master = w.join(std::make_unique<plain_peer>(w.net, "master", "master", how));
  const net::endpoint place{"10.0.0.2", 4040};
  master.listen(place);
  n.act([&] { n.mesh.follow({place}); });
  ASSERT_TRUE(w.run_until([&] { return master.up() == 1; }, 5s));
  master.write(R"(["","g_global"])");
  plain_peer& liar = join("liar", modern);
  w.run(100ms);
  EXPECT_TRUE(members(n, "g").empty());
  w.run(100ms);
  liar.write(R"(["","g_chg1","g",{"liar#a":null}])");
  w.run(100ms);
  EXPECT_TRUE(members(n, "g").empty());
  master.write(R"(["","g_chg1","g",{"master#a":null}])");
  w.run(100ms);
  EXPECT_EQ(std::vector<std::string>{"master#a"}, members(n, "g"));
}

// Gone in the middle of everything: what it had said is forgotten, and others do not notice.
TEST_F(hostile_peers, that_drop_out_leave_nothing_behind) {
  test_node& n = victim();
  plain_peer& friendly = join("friendly", modern);
  friendly.write(R"(["","g_slave",{"g":{"friendly#a":null}}])");
  const std::string whole =
      R"(["","g_slave",{"g":{"fickle#a":null}}]["","g_global"]["","g_set",{"g":{"fickle#b":null}}])"
      R"(["","AnyEvent::MP::_spawn","f","AnyEvent::MP::Global::connect",0,"fickle"])";
  for (std::size_t cut = 0; cut <= whole.size(); cut += 7) {
    plain_peer& fickle = join("fickle", cut % 2 == 0 ? modern : keys());
    fickle.write(whole.substr(0, cut));
    w.run(5ms);
    fickle.hang_up();
    w.run(5ms);
    ASSERT_FALSE(n.is_up("fickle"));
    ASSERT_EQ(std::vector<std::string>{"friendly#a"}, members(n, "g")) << "after " << whole.substr(0, cut);
  }
  for (int i = 0; i < 50; ++i) {
    plain_peer::options half;
    half.stop_before_auth = true;
    plain_peer& p = w.join(std::make_unique<plain_peer>(w.net, "half", "half" + std::to_string(i), half));
    p.dial(at);
    w.run(5ms);
    p.hang_up();
  }
  w.run(1s);
  EXPECT_TRUE(n.is_up("friendly"));
  EXPECT_EQ(1u, n.core.presence().up().size());
}

}  // namespace
}  // namespace aemp::mesh
