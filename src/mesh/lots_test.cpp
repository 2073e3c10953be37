#include "mesh/lots.hpp"

#include <gtest/gtest.h>

#include "mesh/elements.hpp"

namespace aemp::mesh {
namespace {

core::family_content family(int keys, const char* prefix = "k", std::size_t bytes = 0) {
  core::family_content all;
  for (int i = 0; i < keys; ++i) all.emplace(prefix + std::to_string(i), std::string(bytes, 'x'));
  return all;
}

// What somebody has at the end who is told in lots.
core::families told(core::families from, core::families has, std::size_t* lots = nullptr) {
  core::database db;
  db.replace("g", has);
  std::optional<bookmark> after;
  do {
    const lot l = next_lot(from, after);
    EXPECT_EQ(after, l.marks.after);
    for (const core::family_change& c : changes(db.of("g"), l)) db.update("g", c.family, c.set, c.deleted);
    after = bookmark_in(value_of(l.marks.upto));
    if (lots != nullptr) ++*lots;
  } while (after);
  return db.of("g");
}

TEST(lots, have_so_many_keys_at_most_and_all_of_them_together) {
  core::families all{{"few", family(3)}, {"many", family(5001)}, {"others", family(1)}};
  std::optional<bookmark> after;
  std::size_t keys = 0;
  do {
    const lot l = next_lot(all, after);
    std::size_t in_this = 0;
    for (const auto& [name, content] : l.content) in_this += content.size();
    EXPECT_LE(in_this, keys_in_a_lot);
    EXPECT_LT(0u, in_this);
    keys += in_this;
    after = l.marks.upto;
  } while (after);
  EXPECT_EQ(5005u, keys);
}

TEST(lots, have_so_many_bytes_at_most_but_one_key_at_least) {
  const core::family_content large = family(10, "k", bytes_in_a_lot);
  const family_lot one = next_lot(large, {});
  EXPECT_EQ(1u, one.content.size());
  EXPECT_EQ("k0", one.keys.upto);
  const core::family_content some = family(100, "k", bytes_in_a_lot / 10);
  EXPECT_GE(10u, next_lot(some, {}).content.size());
  EXPECT_LE(5u, next_lot(some, {}).content.size());
}

TEST(lots, leave_what_they_say_whatever_was_there_before) {
  const core::families all{{"a", family(10)}, {"c", family(4500)}, {"d", family(2000)}, {"e", family(1)}};
  const core::families others[] = {
      {}, all, {{"b", family(3000)}, {"c", family(3000, "x")}, {"z", family(1)}}, {{"c", family(9000)}}};
  for (const core::families& before : others) {
    std::size_t lots = 0;
    EXPECT_EQ(all, told(all, before, &lots));
    EXPECT_EQ((6511 + keys_in_a_lot - 1) / keys_in_a_lot, lots);
    EXPECT_EQ(before, told(before, all));
  }
}

TEST(lots, of_one_family_go_on_behind_a_key_that_is_gone) {
  core::family_content all = family(5000);
  core::family_content has = family(7000);
  std::optional<std::string> after;
  do {
    const family_lot l = next_lot(all, after);
    for (const std::string& key : missing(has, l)) has.erase(key);
    has.insert(l.content.begin(), l.content.end());
    after = l.keys.upto;
    // It is told at once that it is gone.
    if (after) {
      all.erase(*after);
      has.erase(*after);
    }
  } while (after);
  EXPECT_EQ(all, has);
}

TEST(lots, weigh_what_is_in_their_range) {
  const core::family_content all = family(3);
  const std::size_t each = core::weight_of("k0", value(""));
  EXPECT_EQ(3 * each, weight_in(all, {}));
  EXPECT_EQ(each, weight_in(all, {"k0", "k1"}));
  EXPECT_EQ(2 * each, weight_in(all, {{}, "k1"}));
  const core::families families{{"a", all}, {"b", all}, {"c", all}};
  EXPECT_EQ(5 * each, weight_in(families, {bookmark("a", "k1"), bookmark("c", "k0")}));
  EXPECT_EQ(4 * each, weight_in(families, {bookmark("a", "k2"), bookmark("c", "k0")}));
}

TEST(bookmarks, are_lists_of_a_family_and_a_key) {
  EXPECT_EQ(bookmark("f", "k"), bookmark_in(value_of(std::optional(bookmark("f", "k")))));
  EXPECT_EQ(bookmark("f", ""), bookmark_in(value(value::array{value("f"), value("")})));
  for (const value& bad :
       {value(), value("f"), value(value::array{value("f")}), value(value::array{value("f"), value()}),
        value(value::array{value(std::string("f\n")), value("k")})})
    EXPECT_FALSE(bookmark_in(bad)) << bad.to_json();
}

}  // namespace
}  // namespace aemp::mesh
