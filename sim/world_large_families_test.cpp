// Families that are too large for one message between nodes of this library: what everybody knows in the end
// is what there is, whatever happens while it goes round in lots (docs/protocol.md, "Lots").
#include "sim/world_groups_test.hpp"

namespace aemp::sim {
namespace {

using keys = std::vector<std::string>;

class large_families : public quiet {
 protected:
  // Keys of a family, each with a registration, so that they can be changed one by one.
  struct shelf {
    node& owner;
    value::map content = {};
    std::map<std::string, registration> kept = {};

    void set(int key, int v) {
      const std::string name = "key" + std::to_string(key);
      registration& r = kept[name];
      r.cancel();
      r = owner.db_set("f", name, v);
      content.insert_or_assign(name, v);
    }
    void erase(int key) {
      const std::string name = "key" + std::to_string(key);
      if (const auto found = kept.find(name); found != kept.end()) {
        found->second.cancel();
        kept.erase(found);
      }
      content.erase(name);
    }
  };
  static value::map family_at(world& w, node& n) {
    value::map seen;
    bool answered = false;
    n.db_family("f", [&](value::map all) {
      seen = std::move(all);
      answered = true;
    });
    w.run_until([&] { return answered; }, 10s);
    return seen;
  }
};

TEST_F(large_families, arrive_whole_although_they_change_on_the_way) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    world w(seed);
    crowd net(w, 0);
    node& writer = net.start("writer");
    shelf s{writer};
    for (int i = 0; i < 7000; ++i) s.set(i, i);
    node& reader = net.start("reader");
    value::map seen;
    reader.db_mon("f", [&](value::map all) { seen = std::move(all); });
    for (int round = 0; round < 30; ++round) {
      w.run_for(2ms);
      for (int i = 0; i < 10; ++i) {
        s.set((round * 997 + i * 311) % 9000, round);
        s.erase((round * 601 + i * 713) % 9000);
      }
    }
    ASSERT_TRUE(w.run_until([&] { return seen == s.content; }, 10s))
        << "seed " << seed << ", " << seen.size();
    w.run_for(2s);
    for (const char* name : {"seed1", "seed2", "writer", "reader"})
      ASSERT_TRUE(s.content == family_at(w, *net.nodes.at(name))) << name << ", seed " << seed;
  }
}

TEST_F(large_families, stay_true_when_the_masters_change) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    world w(seed);
    crowd net(w, 0);
    node& writer = net.start("writer");
    shelf s{writer};
    for (int i = 0; i < 5000; ++i) s.set(i, i);
    node& reader = net.start("reader");
    value::map seen;
    int removed = 0;
    reader.db_mon("f", [&](value::map all, keys, keys, keys gone) {
      seen = std::move(all);
      removed += static_cast<int>(gone.size());
    });
    w.run_for(std::chrono::milliseconds(5 * seed));
    net.kill("seed1");
    ASSERT_TRUE(w.run_until([&] { return seen == s.content; }, 20s))
        << "seed " << seed << ", " << seen.size();
    net.start("seed1");
    w.run_for(20s);
    net.kill("seed2");
    w.run_for(20s);
    EXPECT_EQ(s.content, seen) << "seed " << seed;
    EXPECT_EQ(0, removed) << "seed " << seed;
    s.erase(17);
    ASSERT_TRUE(w.run_until([&] { return seen == s.content; }, 20s)) << "seed " << seed;
    EXPECT_EQ(1, removed);
  }
}

TEST_F(large_families, are_told_whole_to_a_monitor_that_is_set_again) {
  world w(1);
  crowd net(w, 0);
  node& writer = net.start("writer");
  shelf s{writer};
  for (int i = 0; i < 3000; ++i) s.set(i, i);
  node& reader = net.start("reader");
  std::string story;
  const auto watch = [&] {
    return reader.db_mon("f",
                         [&](const value::map& all, const keys& added, const keys&, const keys& deleted) {
                           story += std::to_string(all.size()) + "+" + std::to_string(added.size()) + "-" +
                                    std::to_string(deleted.size()) + " ";
                         });
  };
  w.run_for(10s);
  monitor first = watch();
  w.run_for(10s);
  EXPECT_EQ("3000+3000-0 ", story) << "the first state is whole, also on a node that has run for a while";
  story.clear();
  first.cancel();
  watch();
  w.run_for(10s);
  EXPECT_EQ("3000+3000-0 ", story);
}

TEST_F(large_families, fit_into_what_a_node_takes_at_once) {
  world w(1);
  crowd net(w, 0);
  node& writer = net.start("writer");
  std::vector<registration> kept;
  for (int i = 0; i < 300; ++i)
    kept.push_back(writer.db_set("f", "key" + std::to_string(i), std::string(1000, 'x')));
  kept.push_back(writer.db_set("f", "large", std::string(60'000, 'x')));
  limits small;
  small.max_message = 65'536;
  node& reader = w.make_node(
      "small", {.nodeid = "small", .binds = {"small:4040"}, .seeds = {"seed1:4040"}, .limits = small});
  value::map seen;
  reader.db_mon("f", [&](value::map all) { seen = std::move(all); });
  w.run_for(10s);
  EXPECT_EQ(301u, seen.size());
  EXPECT_EQ(301u, family_at(w, reader).size());
}

}  // namespace
}  // namespace aemp::sim
