// Suggestions for a mistyped name: a command, an option, a profile, a key of the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <aemp/export.hpp>

namespace aemp::api {

// The most similar of these names, the nearest first, at most three.
AEMP_PRIVATE_API std::vector<std::string> similar(std::string_view to, const std::vector<std::string>& names);

// "; did you mean a, b?"; without names `otherwise`.
AEMP_PRIVATE_API std::string did_you_mean(const std::vector<std::string>& names, std::string otherwise = {});

}  // namespace aemp::api
