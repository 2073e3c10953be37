#include "api/similar.hpp"

#include <algorithm>
#include <numeric>

namespace aemp::api {
namespace {

// The edit distance: how many letters to insert, leave out or replace, and how many neighbours to swap.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0u);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::move(above);
    above = row;
  }
  return above.back();
}

}  // namespace

std::vector<std::string> similar(std::string_view to, const std::vector<std::string>& names) {
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& name : names) {
    // A far longer name is not similar, and whoever sends one must not make us compute the distance.
    const std::size_t farthest = std::max<std::size_t>(1, name.size() / 3);
    const bool may_be_near = to.size() <= name.size() + farthest;
    if (const std::size_t far = may_be_near ? distance(to, name) : farthest + 1; far <= farthest) {
      near.emplace_back(far, name);
    } else if (to.size() > 2 && name.starts_with(to)) {
      near.emplace_back(name.size(), name);
    }
  }
  std::ranges::sort(near);
  std::vector<std::string> best;
  for (const auto& [far, name] : near) {
    if (best.size() < 3) best.push_back(name);
  }
  return best;
}

std::string did_you_mean(const std::vector<std::string>& names, std::string otherwise) {
  if (names.empty()) return otherwise;
  std::string text = "; did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return text + "?";
}

}  // namespace aemp::api
