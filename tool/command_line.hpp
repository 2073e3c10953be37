// What was typed: commands with their arguments, one after the other, and options anywhere between them.
//
// As with the original (aemp-protocol H.2), each command takes its arguments and the next word is the next
// command; an argument that begins with [ { or " is JSON; and one argument alone that is a JSON list stands
// for all arguments. An argument like [::1]:4040 is an address, not JSON. An argument that may be left out is
// left out when the next word is the name of a command; "workers", which setworkers is also called, is none
// there. Behind -- there are no options, and if a command stands before it, no further commands.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <aemp/result.hpp>

#include "tool/command.hpp"

namespace aemp::tool {

struct step {
  const command* what;
  std::vector<value> arguments;
};

struct command_line {
  std::vector<step> steps;
  std::map<std::string, std::string, std::less<>> options;  // by name, "--timeout"

  bool has(std::string_view option) const { return options.contains(option); }
};

// Whether a word, and the one behind it, begin a command where an argument that may be left out could stand.
bool ends_optional_arguments(const std::string& word, const std::string& next);

// Nothing is run before everything makes sense. Errors: unknown_command, unknown_option, missing_argument,
// bad_json, useless_option, useless_argument; their texts say what to type instead.
result<command_line> read_command_line(const std::vector<std::string>& words);

}  // namespace aemp::tool
