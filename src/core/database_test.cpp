// The merge of the database against a model that keeps everything and looks everywhere (aemp-protocol I.5).
#include "core/database.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace aemp::core {
namespace {

TEST(database, tells_only_what_changes_in_the_merge) {
  database d;
  EXPECT_EQ(1u, d.update("a", "f", {{"k", 1}}).set.size());
  EXPECT_TRUE(d.update("a", "f", {{"k", 1}}).empty());
  EXPECT_TRUE(d.update("b", "f", {{"k", 1}}).empty());
  EXPECT_TRUE(d.update("a", "f", {}, std::vector<std::string>{"k"}).empty());  // b still has it
  const family_change last = d.update("b", "f", {}, std::vector<std::string>{"k"});
  EXPECT_EQ(std::vector<std::string>{"k"}, last.deleted);
  EXPECT_TRUE(d.merged().empty());
}

TEST(database, gives_a_deleted_key_the_value_of_another_owner) {
  database d;
  d.update("", "f", {{"k", "near"}});
  d.update("z", "f", {{"k", "far"}});
  EXPECT_EQ(value("far"), d.family("f").at("k"));
  const family_change c = d.forget("z").at(0);
  EXPECT_EQ(value("near"), c.set.at("k"));
  EXPECT_EQ(value("near"), d.family("f").at("k"));
}

TEST(database, replaces_what_an_owner_has) {
  database d;
  d.update("a", "f", {{"x", 1}, {"y", 2}});
  d.replace("a", {{"f", {{"y", 2}, {"z", 3}}}, {"g", {{"w", nullptr}}}});
  EXPECT_EQ((family_content{{"y", 2}, {"z", 3}}), d.family("f"));
  EXPECT_TRUE(d.has("a", "g", "w"));
  EXPECT_FALSE(d.has("a", "f", "x"));
  EXPECT_EQ(0u, d.weight("b"));
  EXPECT_GT(d.weight("a"), 0u);
  d.forget("a");
  EXPECT_EQ(0u, d.weight("a"));
}

// Who applies the changes that a database tells, has what the merge has; and the merge has the keys that any
// owner has, with a value that one of them gave.
TEST(database, agrees_with_a_model_and_its_changes_lead_to_the_merge) {
  rc::check([] {
    database d;
    std::map<std::string, families> model;
    families follower;
    const auto apply = [&](const family_change& c) {
      for (const auto& [k, v] : c.set) follower[c.family][k] = v;
      for (const std::string& k : c.deleted) follower[c.family].erase(k);
      if (follower[c.family].empty()) follower.erase(c.family);
    };
    const int steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
      const std::string owner = *rc::gen::element<std::string>("", "a", "b", "c");
      const std::string family = *rc::gen::element<std::string>("f", "g");
      const std::string key = *rc::gen::element<std::string>("k1", "k2", "k3");
      switch (*rc::gen::inRange(0, 6)) {
        case 0:
          for (const family_change& c : d.forget(owner)) apply(c);
          model.erase(owner);
          break;
        case 1:
          apply(d.update(owner, family, {}, std::vector<std::string>{key}));
          model[owner][family].erase(key);
          break;
        default: {
          const value v = *rc::gen::inRange(0, 3);
          apply(d.update(owner, family, {{key, v}}));
          model[owner][family][key] = v;
        }
      }
      for (const char* f : {"f", "g"}) {
        for (const char* k : {"k1", "k2", "k3"}) {
          std::vector<value> held;
          for (auto& [o, all] : model) {
            if (all[f].contains(k)) held.push_back(all[f][k]);
          }
          const family_content& shown = d.family(f);
          RC_ASSERT(shown.contains(k) == !held.empty());
          if (!held.empty()) RC_ASSERT(std::find(held.begin(), held.end(), shown.at(k)) != held.end());
        }
      }
      RC_ASSERT(follower == d.merged());
    }
  });
}

}  // namespace
}  // namespace aemp::core
