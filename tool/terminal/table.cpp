#include "tool/terminal/table.hpp"

#include <algorithm>
#include <cstdio>

#include "data/printable.hpp"

namespace aemp::tool {
namespace {

// Characters, not bytes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_number(const std::string& text) {
  return !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) || text == "-");
}

template <class... A>
std::string printed(const char* format, A... a) {
  char text[64];
  std::snprintf(text, sizeof text, format, a...);
  return text;
}

}  // namespace

std::string table(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) {
    for (std::string& cell : row) cell = data::printable(cell);
  }
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - width_of(row[i]), ' ');
      const bool right = is_number(rows.size() > 1 ? rows[1][i] : row[i]);
      line += (i == 0 ? "" : "  ") + (right ? blanks + row[i] : row[i] + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += (text.empty() ? "" : "\n") + line;
  }
  return text;
}

std::string in_units(double n) {
  constexpr const char* units[] = {"", "k", "M", "G", "T", "P"};
  std::size_t unit = 0;
  while (n >= 1000 && unit + 1 < std::size(units)) {
    n /= 1000;
    ++unit;
  }
  return printed(unit == 0 || n >= 100 ? "%.0f%s" : "%.1f%s", n, units[unit]);
}

std::string in_time(double seconds) {
  if (seconds < 1e-3) return printed("%.0fµs", seconds * 1e6);
  if (seconds < 1) return printed("%.1fms", seconds * 1e3);
  const long whole = static_cast<long>(seconds);
  if (whole < 60) return printed("%lds", whole);
  if (whole < 3600) return printed("%ldm%02lds", whole / 60, whole % 60);
  if (whole < 86400) return printed("%ldh%02ldm", whole / 3600, whole / 60 % 60);
  return printed("%ldd%ldh", whole / 86400, whole / 3600 % 24);
}

}  // namespace aemp::tool
