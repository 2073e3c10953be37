#include "service/kept_entries.hpp"

#include <gtest/gtest.h>

#include "core/registry.hpp"
#include "core/world_test.hpp"

namespace aemp::service {
namespace {

class kept_keys : public testing::Test {
 protected:
  kept_keys() { w.core().extend(std::make_unique<kept_entries>(w.core())); }

  template <class... A>
  void ask(A&&... a) {
    w.inside([&] { w.core().node_port().handle(message(std::forward<A>(a)...), &other); });
    w.settle();
  }
  std::string content(const std::string& family) {
    const auto found = w.core().registry().own().find(family);
    return found == w.core().registry().own().end() ? "" : value(found->second).to_json();
  }

  core::world w;
  const std::string other = "other";
  const std::string set = kept_entries::set_name, erase = kept_entries::erase_name;
};

TEST_F(kept_keys, are_set_changed_and_deleted_for_others) {
  ask(set, "leader", "west", 7);
  ask(set, "leader", "east");
  EXPECT_EQ(content("leader"), R"({"east":null,"west":7})");
  ask(set, "leader", "west", "8");
  EXPECT_EQ(content("leader"), R"({"east":null,"west":"8"})");
  ask(erase, "leader", "west", "nowhere", "east");
  EXPECT_EQ(content("leader"), "");
}

TEST_F(kept_keys, are_not_those_that_the_node_has_set_itself) {
  core::log_capture log;
  w.inside([&] { group_functions(w.core()).db_set("leader", "west", "ours"); });
  w.settle();
  ask(set, "leader", "west", "theirs");
  ask(erase, "leader", "west");
  EXPECT_EQ(content("leader"), R"({"west":"ours"})");
  EXPECT_EQ(log.at(2, "which it has set itself").size(), 1u);
}

TEST_F(kept_keys, have_names_and_a_limit) {
  core::log_capture log;
  ask(set, "'l", "west", 1);
  ask(set, "", "west", 1);
  ask(set, "leader", "", 1);
  ask(set, "leader");
  ask(set, "leader", "west", 1, 2);
  EXPECT_EQ(log.lines().size(), 5u);
  for (const std::string& family : {std::string("a\x01z"), std::string(2000, 'x')})
    ask(set, family, "west", 1);
  ask(set, "leader", std::string(5000, 'x'), 1);
  EXPECT_EQ(log.at(2, "these are no names for that").size(), 6u);
  EXPECT_EQ(w.core().internal_errors(), 0u);
  const std::string half(kept_entries::most_bytes / 2, 'x');
  ask(set, "leader", "first", half);
  ask(set, "leader", "second", half);
  EXPECT_EQ(log.at(2, "keeps enough for others already").size(), 1u);
  EXPECT_EQ(w.core().registry().own().at("leader").size(), 1u);
  ask(set, "leader", "first", 1);
  ask(set, "leader", "second", half);
  EXPECT_EQ(w.core().registry().own().at("leader").size(), 2u);
}

TEST(a_secure_node, keeps_no_keys_for_others) {
  core::node_settings settings;
  settings.node_id = "here";
  settings.uniq = "u";
  settings.secure = true;
  settings.crew.clock = &core::steady_clock();
  settings.crew.make_poller = [](unsigned, bool) { return std::make_unique<core::no_poller>(); };
  detail::local_node node(settings);
  node.extend(std::make_unique<kept_entries>(node));
  EXPECT_FALSE(node.functions().serves(kept_entries::set_name));
  EXPECT_FALSE(node.functions().serves(kept_entries::erase_name));
}

}  // namespace
}  // namespace aemp::service
