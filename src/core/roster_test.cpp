#include "core/roster.hpp"

#include <gtest/gtest.h>

namespace aemp::core {
namespace {

std::string text_of(const roster& r) {
  std::string text;
  for (const value& v : r.ports().elements()) text += v.port().str() + " ";
  return text;
}

family_content group_of(const std::set<std::string>& keys) {
  family_content all;
  for (const std::string& key : keys) all.emplace(key, nullptr);
  return all;
}

TEST(roster, holds_the_keys_that_are_ports_in_their_order) {
  roster r;
  EXPECT_TRUE(r.fill(group_of({"b#1", "a#2", "a#1", "no port", "a;b#1"}), 100));
  EXPECT_EQ("a#1 a#2 b#1 ", text_of(r));
}

TEST(roster, is_filled_in_parts_while_it_changes) {
  for (std::size_t step = 1; step < 12; ++step) {
    std::set<std::string> keys;
    for (int i = 0; i < 10; ++i) keys.insert("a#" + std::to_string(i * 3));
    roster r;
    int turn = 0;
    while (!r.fill(group_of(keys), turn < 6 ? step : 100)) {
      const std::string added = "a#" + std::to_string(++turn * 7 % 31) + "x", deleted = *keys.begin();
      keys.insert(added);
      keys.erase(deleted);
      r.change({added}, {deleted});
    }
    std::string expected;
    for (const std::string& key : keys) expected += key + " ";
    EXPECT_EQ(expected, text_of(r)) << "step " << step;
  }
}

TEST(roster, follows_changes_and_leaves_alone_what_was_given_away) {
  roster r;
  r.fill(group_of({"a#1", "a#3", "b#5"}), 100);
  const value before = r.ports();
  r.change({"a#0", "a#2", "c#9", "no port"}, {"a#3", "b#4"});
  EXPECT_EQ("a#0 a#1 a#2 b#5 c#9 ", text_of(r));
  EXPECT_EQ(3u, before.elements().size());
  r.change({"a#0"}, {});
  EXPECT_EQ("a#0 a#1 a#2 b#5 c#9 ", text_of(r));
}

}  // namespace
}  // namespace aemp::core
