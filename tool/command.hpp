// A command of the tool, and the table of all of them. The table is the only place that knows what commands
// there are: parsing, help, completion and man pages are made from it (README.md).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/value.hpp>

#include "api/similar.hpp"

namespace aemp::tool {

class context;

// What the tool ends with, and each command returns.
enum status : int {
  done = 0,
  failed = 1,      // it could not be done, or what was asked about is not so
  misused = 2,     // the command line makes no sense
  no_answer = 3,   // nothing came in time
  bad_config = 4,  // the configuration cannot be read or written, or makes no sense
};

// One of a command's arguments, as its `arguments` text has it: "PORT", "[LEVEL]", "ARG...", "[ARG...]". Its
// name says what kind of thing it is, and so what completes it.
struct parameter {
  std::string name;
  bool required;
  bool rest;  // takes all that follow

  friend bool operator==(const parameter&, const parameter&) = default;
};

struct command {
  std::string name;                       // one word, or two: "db get"
  std::vector<std::string> aliases = {};  // of one word
  std::string arguments = {};             // "PORT ARG..."
  std::string summary = {};               // one line, without a full stop
  std::string details = {};               // more, for its own help; may be empty
  std::string example = {};               // as one types it, without "aemp "
  std::vector<std::string> options = {};  // those of option_table() that only some commands take
  std::function<int(context&, const std::vector<value>&)> run = {};
  bool listed = true;  // in the overview; otherwise its section's note tells of it

  std::vector<parameter> parameters() const;
};

struct section {
  std::string title;
  std::vector<command> commands;
  std::string note = {};  // below them in the overview
};

// All commands, in the order of the help. Made at the first call.
const std::vector<section>& command_table();

// By name or alias; null when there is none.
const command* find_command(std::string_view name);

struct option {
  std::string name;      // "--timeout"
  std::string argument;  // "SECONDS"; empty: it has none
  std::string help;      // one line
  bool for_all = true;   // false: for the commands that name it
};

const std::vector<option>& option_table();
const option* find_option(std::string_view name);

std::vector<std::string> all_command_names();  // with aliases
std::vector<std::string> all_option_names();

// The command of that name, or those of two words that begin with it; empty if there is none.
std::vector<const command*> find_commands(std::string_view name);
// That there is none, with what may have been meant; `second` is the word behind it.
error unknown_command(const std::string& name, const std::string& second = "");
// "; did you mean a, b?", or where the help is.
std::string meant(const std::vector<std::string>& names);

// The parts of the table, each beside its code.
section configuration_section();
section settings_section();
section message_section();
section network_section();
section database_section();
section run_section();
section shell_section();
section doctor_section();
section completion_section();
section help_section();

// What commands that talk to a network take: --seed and others.
const std::vector<std::string>& network_options();

}  // namespace aemp::tool
