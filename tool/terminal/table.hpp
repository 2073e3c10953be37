// Columns of text for people, and figures as people read them.
#pragma once

#include <string>
#include <vector>

namespace aemp::tool {

// Columns as wide as their widest cell, two blanks between; numbers to the right. The first row is the
// heading. Control characters are shown as escapes.
std::string table(std::vector<std::vector<std::string>> rows);

std::string in_units(double n);       // 1234567: "1.2M"
std::string in_time(double seconds);  // "350µs", "1.2ms", "14s", "3m20s", "2h05m", "4d3h"

}  // namespace aemp::tool
