// What the tool says about itself, from the table of commands.
#pragma once

#include <string>

#include "tool/context.hpp"

namespace aemp::tool {

std::string overview();                  // all commands, a line each
std::string help_for(const command& c);  // one command, with its options and an example
std::string usage_of(const command& c);  // "aemp snd PORT ARG..."

int print_help(const context& all);  // of the commands on the command line, or the overview
int print_version(const context& all);

}  // namespace aemp::tool
