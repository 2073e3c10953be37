#include "tool/command.hpp"

#include <algorithm>

namespace aemp::tool {

std::vector<parameter> command::parameters() const {
  std::vector<parameter> list;
  for (std::string_view left = arguments; !left.empty();) {
    const std::size_t blank = std::min(left.find(' '), left.size());
    std::string_view word = left.substr(0, blank);
    left.remove_prefix(std::min(blank + 1, left.size()));
    const bool optional = word.starts_with('[');
    if (optional) word = word.substr(1, word.size() - 2);
    const bool rest = word.ends_with("...");
    if (rest) word.remove_suffix(3);
    list.push_back({std::string(word), !optional, rest});
  }
  return list;
}

const std::vector<section>& command_table() {
  static const std::vector<section> table = {
      configuration_section(), settings_section(), message_section(), network_section(),
      database_section(),      shell_section(),    run_section(),     doctor_section(),
      completion_section(),    help_section()};
  return table;
}

const command* find_command(std::string_view name) {
  for (const section& s : command_table()) {
    for (const command& c : s.commands) {
      if (c.name == name || std::ranges::find(c.aliases, name) != c.aliases.end()) return &c;
    }
  }
  return nullptr;
}

std::vector<const command*> find_commands(std::string_view name) {
  if (const command* c = find_command(name)) return {c};
  std::vector<const command*> group;
  for (const section& s : command_table()) {
    for (const command& c : s.commands) {
      if (c.name.starts_with(std::string(name) + " ")) group.push_back(&c);
    }
  }
  return group;
}

const std::vector<option>& option_table() {
  static const std::vector<option> table = {
      {"--json", "", "print results, and errors too, as JSON, one value a line"},
      {"--timeout", "SECONDS", "how long to wait for an answer (5)"},
      {"--config", "FILE", "the configuration file, instead of the one that AEMP_CONFIG says"},
      {"--help", "", "say what the command does, and how; without a command: what commands there are"},
      {"--version", "", "say which version this is, and what it was built with"},
      {"--seed", "HOST:PORT", "the node to connect to first, instead of the seeds of the profile", false},
      {"--profile", "PROFILE", "the profile of the tool as a node (aemp)", false},
      {"--on", "NODE", "the node that is to keep the key, instead of the tool itself", false},
      {"--count", "COUNT", "how often (4)", false},
      {"--interval", "SECONDS", "the time between two (1)", false},
      {"--dot", "", "print a graph for dot, of Graphviz", false},
      {"--contract", "",
       "print the messages that ports serve, with their types, where a program has given them some", false},
      {"--services", "DIR[:DIR...]", "where to look for services first", false},
      {"--watchdog", "", "start the node again when it dies or hangs", false},
      {"--secrets", "", "show secrets and keys, too", false},
  };
  return table;
}

const std::vector<std::string>& network_options() {
  static const std::vector<std::string> names = {"--seed", "--profile"};
  return names;
}

const option* find_option(std::string_view name) {
  const auto& all = option_table();
  const auto found = std::ranges::find(all, name, &option::name);
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> all_command_names() {
  std::vector<std::string> names;
  for (const section& s : command_table()) {
    for (const command& c : s.commands) {
      names.push_back(c.name);
      names.insert(names.end(), c.aliases.begin(), c.aliases.end());
    }
  }
  return names;
}

std::vector<std::string> all_option_names() {
  std::vector<std::string> names;
  for (const option& o : option_table()) names.push_back(o.name);
  return names;
}

std::string meant(const std::vector<std::string>& names) {
  return api::did_you_mean(names, "; see aemp --help");
}

error unknown_command(const std::string& name, const std::string& second) {
  std::vector<std::string> names;
  for (const command* c : find_commands(name)) names.push_back(c->name);
  if (names.empty()) names = api::similar(name, all_command_names());
  if (names.empty() && !second.empty()) names = api::similar(name + " " + second, all_command_names());
  return {"unknown_command", "there is no command '" + name + "'" + meant(names)};
}

}  // namespace aemp::tool
