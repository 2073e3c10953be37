// Groups and the database among nodes of this library, which speak version 2 of the global protocol
// (aemp-protocol I.5, I.6).
#include "sim/world_groups_test.hpp"

namespace aemp::sim {
namespace {

using groups = quiet;
using ports = std::vector<port_id>;

TEST_F(groups, work_on_a_private_node) {
  world w(1);
  node& a = w.make_node("alone");
  const port_id p = a.port([](const message&) {});
  std::string story;
  a.grp_mon("g", [&](ports all, ports added, ports removed) {
    story += std::to_string(all.size()) + std::to_string(added.size()) + std::to_string(removed.size()) + " ";
  });
  a.grp_reg("g", p);
  w.run_for(1s);
  EXPECT_EQ(ports{p}, a.grp_get("g"));
  a.kil(p);
  w.run_for(1s);
  EXPECT_TRUE(a.grp_get("g").empty());
  EXPECT_EQ("110 001 ", story);
}

TEST_F(groups, refuse_ports_of_other_nodes_and_reserved_names) {
  world w(1);
  node& a = w.make_node("alone");
  EXPECT_THROW(a.grp_reg("g", *port_id::parse("beta#x")), std::invalid_argument);
  EXPECT_THROW(a.grp_reg("g", port_id()), std::invalid_argument);
  EXPECT_THROW(a.grp_reg("'l", a.port()), std::invalid_argument);
  EXPECT_THROW(a.db_set("", "k", 1), std::invalid_argument);
}

TEST_F(groups, forget_what_is_taken_back_and_keep_what_was_registered_anew) {
  world w(1);
  node& a = w.make_node("alone");
  registration first = a.db_set("f", "k", 1);
  registration second = a.db_set("f", "k", 2);
  first.cancel();
  value::map seen;
  a.db_family("f", [&](value::map all) { seen = all; });
  w.run_for(1s);
  EXPECT_EQ((value::map{{"k", 2}}), seen);
  second.cancel();
  std::vector<std::string> keys{"something"};
  a.db_keys("f", [&](std::vector<std::string> k) { keys = k; });
  w.run_for(1s);
  EXPECT_TRUE(keys.empty());
}

TEST_F(groups, are_found_through_a_seed) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    node& receiver = w.make_node("receiver", {.nodeid = "receiver", .binds = {"receiver:4040"}});
    std::string heard;
    receiver.grp_reg("receivers", receiver.port([&](std::string text) { heard = text; }));
    node& sender =
        w.make_node("sender", {.nodeid = "sender", .binds = {"sender:4041"}, .seeds = {"receiver:4040"}});
    ASSERT_TRUE(w.run_until([&] { return !sender.grp_get("receivers").empty(); }, 5s)) << "seed " << seed;
    sender.snd(sender.grp_get("receivers").front(), "hello");
    ASSERT_TRUE(w.run_until([&] { return heard == "hello"; }, 5s)) << "seed " << seed;
  }
}

TEST_F(groups, are_known_everywhere_within_five_seconds) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    crowd net(w, 4);
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s)) << "seed " << seed << "\n"
                                                                  << net.who_knows_what();
  }
}

TEST_F(groups, survive_a_killed_seed_and_lose_its_ports) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    crowd net(w, 4);
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
    net.kill(seed % 2 == 0 ? "seed1" : "seed2");
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s)) << "seed " << seed << "\n"
                                                                  << net.who_knows_what();
    net.start("late");
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s)) << "seed " << seed << "\n"
                                                                  << net.who_knows_what();
    net.kill("n0");
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s)) << "seed " << seed << "\n"
                                                                  << net.who_knows_what();
  }
}

TEST_F(groups, come_together_again_after_a_partition) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    world w(seed);
    crowd net(w, 4);
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
    w.partition({"seed1", "n0", "n1"}, {"seed2", "n2", "n3"});
    w.run_for(100s);
    EXPECT_EQ(3u, net.nodes["n0"]->grp_get("all").size()) << "seed " << seed << "\n" << net.who_knows_what();
    EXPECT_EQ(3u, net.nodes["n3"]->grp_get("all").size()) << "seed " << seed << "\n" << net.who_knows_what();
    w.heal();
    ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s)) << "seed " << seed << "\n"
                                                                  << net.who_knows_what();
  }
}

// A node dials another that it knows by its ID only, because its master says where that is; and a node that
// nobody knows is lost at once.
TEST_F(groups, tell_where_nodes_are) {
  world w(3);
  crowd net(w, 3);
  ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
  node& from = *net.nodes["n0"];
  EXPECT_FALSE(from.node_is_up("n2"));
  for (const port_id& p : from.grp_get("all")) {
    if (p.node() == "n2") from.snd(p, "hello n2");
  }
  ASSERT_TRUE(w.run_until([&] { return net.heard["n2"] == "hello n2"; }, 5s));
  std::string reason;
  from.mon(*port_id::parse("nobody#x"), [&](const message& m) { reason = m.to_string(); });
  ASSERT_TRUE(w.run_until([&] { return !reason.empty(); }, 1s));
  EXPECT_NE(std::string::npos, reason.find("transport_error nobody no known address")) << reason;
}

TEST_F(groups, tell_their_monitors_of_every_change) {
  world w(5);
  crowd net(w, 2);
  ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
  node& a = *net.nodes["n0"];
  node& b = *net.nodes["n1"];
  std::map<std::string, value> copy;
  int calls = 0;
  a.db_mon("f", [&](value::map all, std::vector<std::string> added, std::vector<std::string> changed,
                    std::vector<std::string> deleted) {
    ++calls;
    for (const std::string& k : added) EXPECT_TRUE(copy.emplace(k, all.at(k)).second) << k;
    for (const std::string& k : changed) copy.at(k) = all.at(k);
    for (const std::string& k : deleted) EXPECT_EQ(1u, copy.erase(k)) << k;
    EXPECT_TRUE(std::equal(copy.begin(), copy.end(), all.begin(), all.end()));
  });
  ASSERT_TRUE(w.run_until([&] { return calls == 1; }, 1s));
  b.db_set("f", "one", 1);
  b.db_set("f", "two", "zwei");
  ASSERT_TRUE(w.run_until([&] { return copy.size() == 2; }, 1s));
  b.db_set("f", "one", value::array{1, 2});
  ASSERT_TRUE(w.run_until([&] { return copy.at("one").size() == 2; }, 1s));
  b.db_del("f", "two");
  ASSERT_TRUE(w.run_until([&] { return copy.size() == 1; }, 1s));
  const int before = calls;
  b.db_set("f", "one", value::array{1, 2});  // nothing new
  w.run_for(1s);
  EXPECT_EQ(before, calls);
  net.kill("n1");
  ASSERT_TRUE(w.run_until([&] { return copy.empty(); }, 1s));
}

TEST_F(groups, answer_questions_through_the_master) {
  world w(6);
  crowd net(w, 2);
  std::string answers;
  // Asked before there is a master.
  net.nodes["n0"]->db_values(
      "f", [&](std::vector<value> v) { answers += "early" + std::to_string(v.size()) + " "; });
  net.nodes["n1"]->db_set("f", "k", "v");
  ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
  net.nodes["n0"]->db_keys(
      "f", [&](std::vector<std::string> k) { answers += "keys" + std::to_string(k.size()) + " "; });
  net.nodes["n0"]->db_family("nosuch",
                             [&](value::map all) { answers += "nosuch" + std::to_string(all.size()) + " "; });
  net.nodes["seed1"]->db_family("f", [&](value::map all) { answers += all.at("k").to_string(); });
  w.run_for(1s);
  EXPECT_NE(std::string::npos, answers.find("early")) << answers;
  EXPECT_NE(std::string::npos, answers.find("keys1 ")) << answers;
  EXPECT_NE(std::string::npos, answers.find("nosuch0 ")) << answers;
  EXPECT_NE(std::string::npos, answers.find("v")) << answers;
}

TEST_F(groups, find_a_node_again_that_was_started_anew) {
  world w(7);
  crowd net(w, 2);
  ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
  net.kill("n1");
  net.start("n1");
  ASSERT_TRUE(w.run_until([&] { return net.converged() && net.nodes["n0"]->grp_get("all").size() == 4; }, 5s))
      << net.who_knows_what();
}

TEST_F(groups, can_be_ports_with_values_that_end_with_them) {
  world w(9);
  crowd net(w, 1);
  const port_id p = net.nodes["n0"]->port();
  net.nodes["n0"]->db_reg("workers", p, value::map{{"cores", 8}});
  value::map seen;
  net.nodes["seed1"]->db_mon("workers", [&](value::map all) { seen = std::move(all); });
  ASSERT_TRUE(w.run_until([&] { return seen == value::map{{p.str(), value::map{{"cores", 8}}}}; }, 5s));
  net.nodes["n0"]->kil(p);
  ASSERT_TRUE(w.run_until([&] { return seen.empty(); }, 1s));
}

TEST_F(groups, can_be_the_callers_of_a_function) {
  world w(8);
  crowd net(w, 2);
  std::string called;
  net.nodes["seed1"]->define("stop", [&](const std::string& who) { called += who; }, {"@admins", "n2"});
  const port_id badge = net.nodes["n0"]->port();
  net.nodes["n0"]->grp_reg("admins", badge);
  ASSERT_TRUE(w.run_until([&] { return net.nodes["seed1"]->grp_get("admins").size() == 1; }, 5s));
  net.nodes["n1"]->call_function("seed1", "stop", "n1");
  net.nodes["n0"]->call_function("seed1", "stop", "n0");
  w.run_for(1s);
  EXPECT_EQ("n0", called);
  net.nodes["n0"]->kil(badge);
  w.run_for(1s);
  net.nodes["n0"]->call_function("seed1", "stop", "n0 without badge");
  w.run_for(1s);
  EXPECT_EQ("n0", called);
}

TEST_F(groups, keep_a_key_that_another_node_has_too) {
  for (const int late : {0, 1}) {
    world w(1);
    crowd net(w, 0);
    node& x = net.start("x");
    node& y = net.start("y");
    value::map seen;
    x.db_mon("f", [&](value::map all) { seen = std::move(all); });
    w.run_for(3s);
    const registration mine = x.db_set("f", "k", 1);
    w.run_for(1s);
    const registration other = y.db_set("f", "k", late);
    w.run_for(1s);
    x.db_del("f", "k");
    w.run_for(10s);
    EXPECT_EQ((value::map{{"k", late}}), seen);
  }
}

TEST_F(groups, forget_what_was_replaced_by_what_is_taken_back_before_it_began) {
  world w(1);
  crowd net(w, 0);
  node& a = net.start("a");
  registration first = a.db_set("f", "k", 1);
  w.run_for(1s);
  registration second = a.db_set("f", "k", 2);
  second.cancel();
  value::map seen{{"k", "something"}};
  w.run_for(1s);
  net.nodes.at("seed1")->db_family("f", [&](value::map all) { seen = std::move(all); });
  w.run_for(1s);
  EXPECT_EQ(value::map(), seen);
}

TEST_F(groups, have_keys_of_text) {
  world w(1);
  node& a = w.make_node("alone");
  EXPECT_THROW(a.db_set("f", "\xe4", 1), std::invalid_argument);
  EXPECT_THROW(a.db_set("\xe4", "k", 1), std::invalid_argument);
  EXPECT_NO_THROW(a.db_set("f", "\xc3\xa4", 1));
}

TEST_F(groups, tell_monitors_of_a_group_nothing_about_keys_that_are_no_ports) {
  world w(1);
  node& a = w.make_node("alone");
  int calls = 0;
  a.grp_mon("g", [&](ports, ports, ports) { ++calls; });
  const port_id p = a.port([](const message&) {});
  a.grp_reg("g", p);
  w.run_for(1s);
  EXPECT_EQ(1, calls);
  a.db_set("g", "no port", 1);
  a.db_set("g", p.str(), 7);
  w.run_for(1s);
  EXPECT_EQ(1, calls);
}

}  // namespace
}  // namespace aemp::sim
