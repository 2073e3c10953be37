// The picture of `aemp top`: tables that can be sorted by each of their columns, cut to the size of a
// terminal.
#pragma once

#include <string>
#include <vector>

#include "tool/network/traffic.hpp"
#include "tool/terminal/console.hpp"

namespace aemp::tool {

struct grid {
  struct column {
    std::string heading;
    char key;  // by which it is sorted, a small letter that the heading has as a capital; 0: never
  };
  struct cell {
    std::string text;
    double number = 0;
  };

  std::vector<column> columns;
  std::vector<std::vector<cell>> rows = {};

  // By the column with this key: the first column from a to z, others from large to small; `reversed`: the
  // other way round. Without such a column it stays as it is. Equal rows stay in their order.
  void sort(char key, bool reversed);
  const column* find(char key) const;      // null: there is none
  std::vector<std::string> lines() const;  // the heading first
};

grid grid_of(const std::vector<node_row>& nodes);
grid grid_of(const std::vector<connection_row>& connections);
// Answers of the inspect service to `ports` and `queue`.
grid grid_of_ports(const value::array& ports, const value::array& queues);

// What stands on the screen, row by row: a title, the upper table with one row marked (by the text in its
// first column; the first one, if there is no such row), the lower one, if it has any columns, and what keys
// there are. Never more rows and columns than the screen has; rows of the upper table are chosen so that the
// marked one is seen. Escape sequences mark the row, and in headings the letters that sort.
std::vector<std::string> picture(const std::string& title, const grid& upper, const grid& lower,
                                 const std::string& marked, const std::string& keys, const screen_size& size);

}  // namespace aemp::tool
