#include "tool/terminal/top_screen.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace aemp::tool {
namespace {

using rows = std::vector<std::string>;

grid letters(const std::string& names) {
  grid g{{{"NAME", 'n'}, {"SIZE", 's'}}};
  for (char c : names) g.rows.push_back({{std::string(1, c)}, {std::to_string(c - 'a'), double(c - 'a')}});
  return g;
}

std::string order(const grid& g) {
  std::string text;
  for (const auto& row : g.rows) text += row[0].text;
  return text;
}

// Without escape sequences; the marked row begins with >.
rows plain(const rows& screen) {
  rows all;
  for (const std::string& line : screen) {
    std::string text = line.starts_with("\033[7m") ? ">" : "";
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\033') {
        i = line.find('m', i);
      } else {
        text += line[i];
      }
    }
    all.push_back(text);
  }
  return all;
}

TEST(grid, is_sorted_by_name_upwards_and_by_numbers_downwards) {
  grid g = letters("bca");
  g.sort('n', false);
  EXPECT_EQ(order(g), "abc");
  g.sort('s', false);
  EXPECT_EQ(order(g), "cba");
  g.sort('s', true);
  EXPECT_EQ(order(g), "abc");
  g.sort('x', true);
  EXPECT_EQ(order(g), "abc");
}

TEST(grid, of_nodes_says_nothing_of_those_that_do_not_tell) {
  const grid g = grid_of({node_row{.node = "closed"}, node_row{.node = "a", .told = true, .messages = 1234}});
  EXPECT_EQ(g.rows[0][1].text, "-");
  EXPECT_EQ(g.rows[0][7].text, "-");
  EXPECT_EQ(g.rows[1][1].text, "1.2k");
  EXPECT_EQ(g.rows[1][7].text, "0");
}

TEST(grid, of_ports_knows_what_waits_for_them) {
  const value::array ports = {value(value::map{{"port", "a#x"}, {"handlers", 1}}),
                              value(value::map{{"port", "a#y"}, {"handlers", 2}})};
  const value busy(
      value::map{{"ports", value(value::array{value(value::map{{"port", "a#y"}, {"waiting", 9}})})}});
  const grid g = grid_of_ports(ports, {busy});
  EXPECT_EQ(g.rows[0][1].text, "0");
  EXPECT_EQ(g.rows[1][1].text, "9");
  EXPECT_EQ(g.rows[1][2].text, "2");
  EXPECT_EQ(g.rows[1][5].text, "-");
}

TEST(grids, have_keys_that_their_headings_show_and_no_key_twice) {
  for (const grid& g :
       {grid_of(std::vector<node_row>{}), grid_of(std::vector<connection_row>{}), grid_of_ports({}, {})}) {
    std::string keys;
    for (const grid::column& c : g.columns) {
      if (c.key == 0) continue;
      EXPECT_NE(c.heading.find(static_cast<char>(std::toupper(c.key))), std::string::npos) << c.heading;
      EXPECT_EQ(keys.find(c.key), std::string::npos) << c.heading;
      EXPECT_NE(c.key, 'q');
      keys += c.key;
    }
  }
}

TEST(picture, has_both_tables_and_what_keys_there_are) {
  EXPECT_EQ(
      plain(picture("title", letters("ab"), letters("c"), "b", "keys", {40, 9})),
      (rows{"title", "NAME  SIZE", "a        0", ">b        1", "", "NAME  SIZE", "c        2", "", "keys"}));
}

TEST(picture, fits_every_terminal) {
  const grid many = letters("abcdefghijklmnopqrstuvwxyz");
  for (std::size_t columns = 1; columns < 15; ++columns) {
    for (std::size_t height = 1; height < 70; ++height) {
      const rows screen = plain(picture("a title", many, many, "m", "some keys", {columns, height}));
      ASSERT_EQ(screen.size(), height);
      for (const std::string& line : screen)
        EXPECT_LE(line.size(), columns + (line.starts_with(">") ? 1 : 0));
    }
  }
}

TEST(picture, shows_the_marked_row_wherever_it_is) {
  const grid many = letters("abcdefghijklmnopqrstuvwxyz");
  for (const auto& row : many.rows) {
    const std::string marked = row[0].text;
    const rows screen = plain(picture("", many, {}, marked, "", {20, 8}));
    EXPECT_EQ(std::ranges::count_if(screen, [&](const auto& line) { return line.starts_with(">" + marked); }),
              1)
        << marked;
  }
  EXPECT_EQ(plain(picture("", many, {}, "nobody", "", {20, 8}))[2].substr(0, 2), ">a");
}

TEST(picture, gives_the_room_that_one_table_does_not_need_to_the_other) {
  const grid many = letters("abcdefghijklmnopqrstuvwxyz");
  const rows above = plain(picture("", many, letters("c"), "a", "", {20, 20}));
  EXPECT_EQ(above[18], "c        2");
  EXPECT_EQ(above[15].substr(0, 1), "n");
  const rows below = plain(picture("", letters("c"), many, "c", "", {20, 20}));
  EXPECT_EQ(below[5].substr(0, 1), "a");
  EXPECT_EQ(below[18].substr(0, 1), "n");
}

TEST(picture, cuts_lines_between_characters) {
  grid g{{{"NAME", 'n'}}};
  g.rows.push_back({{"ääää"}});
  EXPECT_EQ(plain(picture("", g, {}, "", "", {2, 4}))[2], ">ää");
}

}  // namespace
}  // namespace aemp::tool
