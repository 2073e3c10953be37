// aemp tree: the supervisors of a node and their children (include/aemp/supervisor.hpp).
#pragma once

#include <vector>

#include "tool/context.hpp"

namespace aemp::tool {

int print_tree(context& all, const std::vector<value>& arguments);

}  // namespace aemp::tool
