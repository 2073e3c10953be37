#include "tool/help.hpp"

#include <algorithm>
#include <iostream>

#include <openssl/crypto.h>
#include <boost/version.hpp>

#include <aemp/version.hpp>

#include "wire/framing.hpp"

namespace aemp::tool {
namespace {

constexpr std::size_t column = 34;

std::string in_columns(const std::string& left, const std::string& right) {
  std::string line = "  " + left;
  line += line.size() < column ? std::string(column - line.size(), ' ') : "\n" + std::string(column, ' ');
  return line + right + "\n";
}

std::string option_line(const option& o) {
  return in_columns(o.name + (o.argument.empty() ? "" : " " + o.argument), o.help);
}

const char* const statuses =
    "Exit status: 0 done; 1 it failed, or what was asked about is not so; 2 the command line makes no "
    "sense;\n"
    "3 no answer in time; 4 the configuration cannot be used.\n";

void print_help_for(const std::vector<const command*>& commands) {
  const char* between = "";
  for (const command* c : commands) std::cout << std::exchange(between, "\n") << help_for(*c);
}

}  // namespace

std::string usage_of(const command& c) {
  return "aemp " + c.name + (c.arguments.empty() ? "" : " " + c.arguments);
}

std::string overview() {
  std::string text = "usage: aemp [OPTION...] COMMAND [ARG...] [COMMAND [ARG...]]...\n";
  for (const section& s : command_table()) {
    text += "\n" + s.title + ":\n";
    for (const command& c : s.commands) {
      if (c.listed) text += in_columns(c.name + (c.arguments.empty() ? "" : " " + c.arguments), c.summary);
    }
    if (!s.note.empty()) text += s.note + "\n";
  }
  text += "\nOptions:\n";
  for (const option& o : option_table()) {
    if (o.for_all) text += option_line(o);
  }
  return text + "\naemp COMMAND --help says more about a command, with an example.\n" + statuses;
}

std::string help_for(const command& c) {
  std::string text = "usage: " + usage_of(c) + "\n\n" + c.summary + ".\n";
  if (!c.details.empty()) text += c.details + "\n";
  if (!c.aliases.empty()) {
    text += "\nAlso called:";
    for (const std::string& alias : c.aliases) text += " " + alias;
    text += "\n";
  }
  text += "\nExample:\n  aemp " + c.example + "\n\nOptions:\n";
  for (const option& o : option_table()) {
    if (o.for_all || std::ranges::find(c.options, o.name) != c.options.end()) text += option_line(o);
  }
  return text;
}

int print_help(const context& all) {
  if (all.line().steps.empty()) std::cout << overview();
  std::vector<const command*> commands;
  for (const step& s : all.line().steps) commands.push_back(s.what);
  print_help_for(commands);
  return done;
}

int print_version(const context& all) {
  const value::array framings(wire::all_framings.begin(), wire::all_framings.end());
  const std::string boost =
      std::to_string(BOOST_VERSION / 100000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
  const value::map what = {
      {"version", AEMP_VERSION},
      {"protocol", value(value::array{"1.x", "2.x"})},
      {"framings", value(framings)},
      {"tls", OpenSSL_version(OPENSSL_VERSION)},
      {"boost", boost},
      {"compiler", __VERSION__},
  };
  all.print(value(what), "aemp " AEMP_VERSION
                         "\nspeaks AnyEvent::MP 1.26 to 2.x; framings aemp1, cbor, json, "
                         "storable\nTLS 1.3 with certificates or from the secret: " +
                             std::string(OpenSSL_version(OPENSSL_VERSION)) + "\nBoost " + boost +
                             ", compiler " __VERSION__);
  return done;
}

section help_section() {
  return {"Help",
          {{"help",
            {},
            "[COMMAND...]",
            "say what the tool, or a command, does",
            "The first word of commands with two words stands for all of them.",
            "help setseeds",
            {},
            [](context&, const std::vector<value>& arguments) {
              if (arguments.empty()) std::cout << overview();
              std::string name;
              for (const value& word : arguments) name += (name.empty() ? "" : " ") + word.to_string();
              if (arguments.empty()) return int(done);
              const auto group = find_commands(name);
              if (group.empty()) throw usage_error{unknown_command(name)};
              print_help_for(group);
              return int(done);
            }},
           {"version",
            {},
            "",
            "say which version this is, and what it was built with",
            {},
            "version --json",
            {},
            [](context& all, const std::vector<value>&) { return print_version(all); }}}};
}

}  // namespace aemp::tool
