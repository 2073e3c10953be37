#include "tool/terminal/table.hpp"

#include <gtest/gtest.h>

#include "tool/network/topology.hpp"

using namespace aemp::tool;

TEST(tables, have_columns_as_wide_as_their_widest_cell_and_numbers_to_the_right) {
  EXPECT_EQ(table({{"NODE", "IN", "TIME"}, {"näher", "7", "350µs"}, {"b", "1234", "1s"}}),
            "NODE     IN   TIME\n"
            "näher     7  350µs\n"
            "b      1234     1s");
}

TEST(tables, have_figures_as_people_read_them) {
  EXPECT_EQ(in_units(0), "0");
  EXPECT_EQ(in_units(999), "999");
  EXPECT_EQ(in_units(1234567), "1.2M");
  EXPECT_EQ(in_units(123456), "123k");
  EXPECT_EQ(in_time(0.00035), "350µs");
  EXPECT_EQ(in_time(0.0125), "12.5ms");
  EXPECT_EQ(in_time(14), "14s");
  EXPECT_EQ(in_time(200), "3m20s");
  EXPECT_EQ(in_time(7500), "2h05m");
  EXPECT_EQ(in_time(90000), "1d1h");
}

TEST(topologies, are_graphs_with_each_connection_once) {
  EXPECT_EQ(
      dot_of({{{"a", {"b", "c"}}, {"b", {"a"}}}, {"c"}}),
      "graph aemp {\n  \"a\";\n  \"a\" -- \"b\";\n  \"a\" -- \"c\";\n  \"b\";\n  \"c\" [style=dashed];\n}");
}
