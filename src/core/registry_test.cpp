#include "core/registry.hpp"

#include "core/world_test.hpp"

namespace aemp::core {
namespace {

using keys = std::vector<std::string>;

// What a db_mon was told.
struct told {
  void take(const value::map& all, const keys& added, const keys& deleted) {
    ++times;
    known = all;
    for (const std::string& key : added) EXPECT_TRUE(news.insert(key).second) << key << " twice";
    for (const std::string& key : deleted) EXPECT_EQ(1u, news.erase(key)) << key << " was not there";
  }
  int times = 0;
  value::map known = {};
  std::set<std::string> news = {};
};

TEST(monitors_of_a_family, are_told_many_news_at_once_when_telling_takes_long) {
  world w;
  group_functions groups(w.core());
  told early, late;
  const auto watch = [&](told& t) {
    groups.db_mon("f", [&t](const value::map& all, const keys& added, const keys&, const keys& deleted) {
      t.take(all, added, deleted);
    });
  };
  watch(early);
  w.settle();
  w.time().set_each_look(2ms);
  std::vector<registration> kept;
  for (int i = 0; i < 100; ++i) {
    kept.push_back(groups.db_set("f", "key" + std::to_string(i), i));
    if (i % 7 == 3) kept[kept.size() / 2].cancel();
    if (i == 50) watch(late);
    w.worker_at().turn();
  }
  w.time().set_each_look(0ms);
  w.pass(10s);
  for (const told* t : {&early, &late}) {
    EXPECT_EQ(w.core().registry().family("f"), t->known);
    EXPECT_EQ(t->known.size(), t->news.size());
    EXPECT_LT(1, t->times);
    EXPECT_GT(50, t->times);
  }
}

}  // namespace
}  // namespace aemp::core
