#include "mesh/certified.hpp"

#include <algorithm>

namespace aemp::mesh {

// Matches with backtracking: after a mismatch, the last star takes one more character.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

// A certificate for "id" is also good for a hidden node "id@master".
result<void> check_node_name(const certified_names& names, const std::string& node, std::string_view whose) {
  const std::string_view id = std::string_view(node).substr(0, node.find('@'));
  const auto allows = [&](const std::string& pattern) {
    return !pattern.starts_with('@') && (matches(pattern, node) || matches(pattern, id));
  };
  if (names.empty() || std::ranges::any_of(names, allows)) return {};
  std::string all;
  for (const std::string& pattern : names) all += (all.empty() ? "" : ", ") + pattern;
  return error{"not_its_name",
               std::string(whose) + " is not for a node " + node + ", only for: " + all +
                   "; give the node such an ID, or make it a certificate for this one (aemp gencert)"};
}

bool allows_group(const certified_names& names, std::string_view group) {
  return names.empty() || std::ranges::any_of(names, [&](const std::string& pattern) {
           return pattern.starts_with('@') && matches(std::string_view(pattern).substr(1), group);
         });
}

}  // namespace aemp::mesh
