// What monitors of groups may say while networks form, merge and lose nodes: who left has died, was cancelled
// or is lost, in all topologies and both versions of the global protocol.
#include "sim/world_groups_test.hpp"

namespace aemp::sim {
namespace {

// Who knows whom at the start.
struct topology {
  const char* name;
  int nodes;
  std::function<std::vector<int>(int node)> seeds;
};

struct speech {
  const char* name;
  std::function<string_list(int node)> versions;
};

// Nodes that each have a port in one group, and what their monitors say.
class membership {
 public:
  membership(world& w, const topology& t, const speech& s) : w_(w), of_(t), speech_(s) {
    for (int i = 0; i < t.nodes; ++i) w.add_host(name(i));
    for (int i = 0; i < t.nodes; ++i) start(i);
  }

  static std::string name(int i) { return "n" + std::to_string(i); }

  node& start(int i) {
    std::vector<std::string> seeds;
    for (const int seed : of_.seeds(i)) seeds.push_back(name(seed) + ":4040");
    node& made = w_.make_node(name(i), {.nodeid = name(i),
                                        .binds = {name(i) + ":4040"},
                                        .seeds = string_list(seeds),
                                        .global_versions = speech_.versions(i)});
    nodes[i] = &made;
    known[i].clear();
    first[i] = 0;
    ports[i] = made.port([](int) {});
    made.grp_reg("g", ports[i]);
    made.grp_mon("g", [this, i](const std::vector<port_id>& all, const std::vector<port_id>& added,
                                const std::vector<port_id>& removed) {
      if (first[i] == 0) first[i] = all.size();
      for (const port_id& p : added) known[i].insert(p.node());
      for (const port_id& p : removed) {
        known[i].erase(p.node());
        story += "\n" + name(i) + ": " + p.node() + " left after " +
                 std::to_string(w_.elapsed() / std::chrono::milliseconds(1)) + " ms";
        if (!may_leave.contains(p.node())) ++lies;
      }
    });
    return made;
  }
  void kill(int i) {
    may_leave.insert(name(i));
    w_.kill(*nodes.at(i));
    nodes.erase(i);
  }
  std::string who_knows_what() const {
    std::string out = story;
    for (const auto& [i, n] : nodes) {
      out += "\n" + name(i) + " knows";
      for (const std::string& other : known.at(i)) out += " " + other;
    }
    return out;
  }
  bool converged() const {
    std::set<std::string> everybody;
    for (const auto& [i, n] : nodes) everybody.insert(name(i));
    return std::ranges::all_of(nodes, [&](const auto& n) { return known.at(n.first) == everybody; });
  }

  std::map<int, node*> nodes;
  std::map<int, port_id> ports;
  std::map<int, std::set<std::string>> known;
  std::map<int, std::size_t> first;  // how many members the first state had
  std::set<std::string> may_leave;
  std::string story;
  int lies = 0;

 private:
  world& w_;
  const topology& of_;
  const speech& speech_;
};

std::vector<int> all_but(int nodes, int one) {
  std::vector<int> list;
  for (int i = 0; i < nodes; ++i) {
    if (i != one) list.push_back(i);
  }
  return list;
}

const topology topologies[] = {
    {"one_seed", 4, [](int i) { return i == 0 ? std::vector<int>{} : std::vector<int>{0}; }},
    {"common", 4,
     [](int) {
       return std::vector<int>{0, 1};
     }},
    {"mutual", 3, [](int i) { return all_but(3, i); }},
    {"mutual_many", 6, [](int i) { return all_but(6, i); }},
    {"chain", 5, [](int i) { return i == 0 ? std::vector<int>{} : std::vector<int>{i - 1}; }},
    {"ring", 5, [](int i) { return std::vector<int>{(i + 4) % 5}; }},
};

const speech speeches[] = {
    {"version_1", [](int) { return string_list{"1"}; }},
    {"version_2", [](int) { return string_list{"2"}; }},
    {"both", [](int) { return string_list::not_given(); }},
    {"mixed",
     [](int i) {
       return i % 3 == 0 ? string_list::not_given() : i % 3 == 1 ? string_list{"1"} : string_list{"2"};
     }},
};

void PrintTo(const topology& t, std::ostream* out) { *out << t.name; }
void PrintTo(const speech& s, std::ostream* out) { *out << s.name; }

using topology_and_speech = std::tuple<topology, speech>;

class joining : public quiet, public testing::WithParamInterface<topology_and_speech> {};

INSTANTIATE_TEST_SUITE_P(of, joining,
                         testing::Combine(testing::ValuesIn(topologies), testing::ValuesIn(speeches)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param).name) + "_" +
                                  std::get<1>(info.param).name;
                         });

// Where nodes of one version have none but nodes of the other for seeds, they stay apart.
bool can_converge(const topology& t, const speech& s) {
  return std::string(s.name) != "mixed" || std::string(t.name).starts_with("mutual");
}

TEST_P(joining, takes_nobody_out_of_a_group) {
  const auto& [t, s] = GetParam();
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    world w(seed);
    membership m(w, t, s);
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 40s) || !can_converge(t, s))
        << "seed " << seed << m.who_knows_what();
    w.run_for(40s);
    ASSERT_TRUE(m.converged() || !can_converge(t, s)) << "seed " << seed << m.who_knows_what();
    ASSERT_EQ(0, m.lies) << "seed " << seed << m.story;
  }
}

TEST_P(joining, takes_only_the_dead_out_of_a_group) {
  const auto& [t, s] = GetParam();
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    world w(seed);
    membership m(w, t, s);
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 40s) || !can_converge(t, s))
        << "seed " << seed << m.who_knows_what();
    m.kill(t.nodes - 1);
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 5s) || !can_converge(t, s))
        << "seed " << seed << m.who_knows_what();
    w.run_for(40s);
    m.start(t.nodes - 1);
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 40s) || !can_converge(t, s))
        << "seed " << seed << m.who_knows_what();
    ASSERT_EQ(0, m.lies) << "seed " << seed << m.story;
  }
}

TEST_P(joining, of_two_islands_takes_nobody_out_of_a_group) {
  const auto& [t, s] = GetParam();
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    world w(seed);
    membership m(w, t, s);
    std::vector<std::string> even, odd;
    for (int i = 0; i < t.nodes; ++i) (i % 2 == 0 ? even : odd).push_back(membership::name(i));
    w.partition(even, odd);
    w.run_for(20s);
    w.heal();
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 100s) || !can_converge(t, s))
        << "seed " << seed << m.who_knows_what();
    w.run_for(40s);
    ASSERT_EQ(0, m.lies) << "seed " << seed << m.story;
  }
}

TEST_P(joining, again_after_the_death_of_a_seed_takes_only_that_out_of_a_group) {
  const auto& [t, s] = GetParam();
  if (std::string(s.name) == "mixed")
    GTEST_SKIP() << "nodes of one version lose those of the other with who carries them";
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    world w(seed);
    membership m(w, t, s);
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 40s) || !can_converge(t, s)) << "seed " << seed;
    w.run_for(std::chrono::seconds(seed));
    m.kill(0);
    w.run_for(3s);
    m.start(0);
    ASSERT_TRUE(w.run_until([&] { return m.converged(); }, 60s) || !can_converge(t, s))
        << "seed " << seed << m.who_knows_what();
    w.run_for(40s);
    ASSERT_EQ(0, m.lies) << "seed " << seed << m.story;
  }
}

TEST_P(joining, late_tells_everybody_at_once) {
  const auto& [t, s] = GetParam();
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    world w(seed);
    membership m(w, t, s);
    const bool all_know_all = w.run_until([&] { return m.converged(); }, 40s);
    ASSERT_TRUE(all_know_all || !can_converge(t, s)) << "seed " << seed;
    w.run_for(std::chrono::seconds(seed));
    w.add_host(membership::name(t.nodes));
    m.start(t.nodes);
    ASSERT_TRUE(w.run_until([&] { return m.first.at(t.nodes) != 0; }, 6s))
        << "seed " << seed << m.who_knows_what();
    if (!all_know_all) continue;
    EXPECT_EQ(static_cast<std::size_t>(t.nodes) + 1, m.first.at(t.nodes))
        << "seed " << seed << m.who_knows_what();
  }
}

// Nobody answers, and it is known that nobody will: after the attempts, or after the longest wait.
TEST_F(quiet, alone_a_node_tells_what_it_has_itself) {
  for (const bool reachable : {true, false}) {
    world w(1);
    w.add_host("nobody");
    w.add_host("me");
    if (!reachable) w.partition({"me"}, {"nobody"});
    node& me = w.make_node("me", {.nodeid = "me", .seeds = {"nobody:4040"}});
    me.grp_reg("g", me.port());
    std::size_t members = 0, calls = 0;
    me.grp_mon("g", [&](const std::vector<port_id>& all) {
      members = all.size();
      ++calls;
    });
    std::size_t empty_calls = 0;
    me.db_mon("f", [&](const value::map&) { ++empty_calls; });
    ASSERT_TRUE(w.run_until([&] { return members == 1 && empty_calls == 1; }, reachable ? 1s : 6s));
    w.run_for(10s);
    EXPECT_EQ(1u, calls);
    EXPECT_EQ(1u, empty_calls);
  }
}

}  // namespace
}  // namespace aemp::sim
