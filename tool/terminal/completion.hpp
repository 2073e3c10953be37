// Completion for bash, zsh and fish: each has a script of a few lines that asks `aemp complete` what could
// stand next, so it is always that of the tool that is installed. The shell of the tool asks the same.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tool/context.hpp"

namespace aemp::tool {

struct candidate {
  std::string word;
  std::string meaning = {};

  friend bool operator==(const candidate&, const candidate&) = default;
};

// What the last of these words could become; it may be empty. `all` is for the profiles of the configuration,
// and for the network, which is asked for nodes, ports and groups (names.hpp).
std::vector<candidate> candidates(context& all, const std::vector<std::string>& words);

// Empty for a shell that is not known.
std::string completion_script(std::string_view shell);

}  // namespace aemp::tool
