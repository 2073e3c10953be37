// Groups among many nodes that speak version 1 of the global protocol only, as Perl nodes of 1.x do, and
// among nodes of both kinds: full mesh, masters, lost seeds and partitions (aemp-protocol E, I.5).
#include <algorithm>

#include "sim/world_groups_test.hpp"

namespace aemp::sim {
namespace {

using versions = quiet;

string_list one(const std::string&) { return {"1"}; }

// Two of each kind; the seeds are of this library and speak both, and so do the nodes 4 and 5.
string_list mixed(const std::string& node) {
  if (node == "n0" || node == "n1") return {"1"};
  if (node == "n2" || node == "n3") return {"2"};
  return string_list::not_given();
}

// Perl's seeds in front of nodes of this library.
string_list old_seeds(const std::string& node) {
  if (node.starts_with("seed")) return {"1"};
  return string_list::not_given();
}

struct kind {
  const char* name;
  int nodes;
  crowd::speech speaks;
};

class worlds : public quiet, public testing::WithParamInterface<kind> {
 protected:
  static void expect_converged(crowd& net, std::chrono::nanoseconds within, std::uint64_t seed) {
    ASSERT_TRUE(net.w.run_until([&] { return net.converged(); }, within)) << "seed " << seed << "\n"
                                                                          << net.who_knows_what();
  }
  int nodes() const { return GetParam().nodes; }
  crowd::speech speaks() const { return GetParam().speaks; }
};

INSTANTIATE_TEST_SUITE_P(of, worlds,
                         testing::Values(kind{"version_1", 4, one}, kind{"both_versions", 6, mixed},
                                         kind{"version_1_seeds", 4, old_seeds}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(worlds, know_all_groups_everywhere_within_five_seconds) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    world w(seed);
    crowd net(w, nodes(), speaks());
    expect_converged(net, 5s, seed);
  }
}

TEST_P(worlds, survive_a_killed_seed_and_take_in_late_nodes) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    world w(seed);
    crowd net(w, nodes(), speaks());
    expect_converged(net, 5s, seed);
    net.kill(seed % 2 == 0 ? "seed1" : "seed2");
    expect_converged(net, 5s, seed);
    net.start("late");
    expect_converged(net, 5s, seed);
    net.kill("n0");
    expect_converged(net, 5s, seed);
    net.start("n0");
    expect_converged(net, 5s, seed);
  }
}

TEST_P(worlds, come_together_again_after_a_partition) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    world w(seed);
    crowd net(w, nodes(), speaks());
    expect_converged(net, 5s, seed);
    const std::set<std::string> one_half{"seed1", "n0", "n2", "n4"};
    std::vector<std::string> here, there;
    for (const auto& [name, n] : net.nodes) (one_half.contains(name) ? here : there).push_back(name);
    w.partition(here, there);
    w.run_for(100s);
    EXPECT_EQ(here.size(), net.nodes["n0"]->grp_get("all").size()) << "seed " << seed << "\n"
                                                                   << net.who_knows_what();
    EXPECT_EQ(there.size(), net.nodes["n3"]->grp_get("all").size()) << "seed " << seed << "\n"
                                                                    << net.who_knows_what();
    w.heal();
    expect_converged(net, 5s, seed);
  }
}

TEST_P(worlds, forget_a_port_that_is_killed_while_others_of_its_node_stay) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    world w(seed);
    crowd net(w, nodes(), speaks());
    expect_converged(net, 5s, seed);
    std::vector<port_id> extra;
    for (auto& [name, n] : net.nodes) n->grp_reg("all", extra.emplace_back(n->port()));
    const auto everybody_knows = [&](std::size_t count) {
      return std::ranges::all_of(net.nodes,
                                 [&](auto& n) { return n.second->grp_get("all").size() == count; });
    };
    ASSERT_TRUE(w.run_until([&] { return everybody_knows(2 * net.nodes.size()); }, 2s))
        << net.who_knows_what();
    for (const port_id& p : extra) net.nodes[p.node()]->kil(p);
    ASSERT_TRUE(w.run_until([&] { return everybody_knows(net.nodes.size()); }, 2s)) << net.who_knows_what();
  }
}

// 1.x nodes need a full mesh, which nobody made but `nodes` (E.2).
TEST_F(versions, of_1_connect_everybody_with_everybody) {
  world w(1);
  crowd net(w, 4, one);
  ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
  for (auto& [name, n] : net.nodes) EXPECT_EQ(5u, n->up_nodes().size()) << name;
}

TEST_F(versions, of_1_answer_questions_from_what_they_know) {
  world w(1);
  crowd net(w, 1, one);
  ASSERT_TRUE(w.run_until([&] { return net.converged(); }, 5s));
  std::vector<std::string> keys;
  net.nodes["n0"]->db_keys("all", [&](std::vector<std::string> k) { keys = std::move(k); });
  bool answered = false;
  net.nodes["n0"]->db_family("nosuch", [&](const value::map& all) { answered = all.empty(); });
  ASSERT_TRUE(w.run_until([&] { return keys.size() == 3 && answered; }, 1s));
}

// A node that becomes reachable later: its master and its peers say so to whoever looks for it, by name.
TEST_F(versions, tell_where_a_node_is_that_becomes_public_later) {
  for (const char* spoken : {"1", "2"}) {
    world w(2);
    crowd net(w, 2, [&](const std::string&) { return string_list{spoken}; });
    node& shy = w.make_node(
        "shy", {.nodeid = "shy", .binds = {}, .seeds = {"seed1:4040"}, .global_versions = {spoken}});
    std::string heard;
    const port_id before = shy.port();
    shy.grp_reg("shy", before);
    ASSERT_TRUE(w.run_until([&] { return net.nodes["n0"]->grp_get("shy").size() == 1; }, 5s)) << spoken;
    shy.become_public("shy:4050");
    const port_id now = shy.port([&](const std::string& text) { heard = text; });
    shy.grp_reg("bold", now);
    ASSERT_TRUE(w.run_until([&] { return net.nodes["n0"]->grp_get("bold").size() == 1; }, 10s)) << spoken;
    net.nodes["n0"]->snd(net.nodes["n0"]->grp_get("bold").front(), "hello");
    ASSERT_TRUE(w.run_until([&] { return heard == "hello"; }, 5s)) << spoken;
    EXPECT_NE("shy", now.node());
    EXPECT_FALSE(net.nodes["n1"]->node_is_up("shy"));
  }
}

}  // namespace
}  // namespace aemp::sim
