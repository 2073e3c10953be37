#include "tool/manual.hpp"

#include <iostream>

#include <aemp/version.hpp>

#include "tool/help.hpp"

namespace aemp::tool {
namespace {

constexpr const char* beginning = R"(.SH NAME
aemp \- set up, look into and repair a network of AnyEvent::MP nodes
.SH SYNOPSIS
.B aemp
.RI [ OPTION ...]
.I COMMAND
.RI [ ARG ...]
.RI [ COMMAND
.RI [ ARG ...]]...
.SH DESCRIPTION
Commands can be chained: each takes its arguments, and the next word is the next command. All of a line is read before any of it is
run, and the configuration file is written once, when all went well.
.PP
An argument that begins with [, { or \(dq is JSON. One argument alone that is a JSON list replaces all arguments. An optional argument is
left out when the next word is the name of a command; the name of a setting without \(dqset\(dq is none there. Options may stand anywhere.
Behind \-\- there are no options, and no further commands if it stands behind one.
)";

constexpr const char* ending = R"(.SH EXIT STATUS
.TP
.B 0
done; yes
.TP
.B 1
it could not be done, or what was asked about is not so
.TP
.B 2
the command line makes no sense; nothing was done
.TP
.B 3
no answer in time
.TP
.B 4
the configuration cannot be read or written, or makes no sense; a service cannot be loaded
.SH SEE ALSO
.BR aemp.conf (5),
.BR aemp\-protocol (7)
)";

std::string heading(const command& c) {
  std::string text = ".TP\n.B " + as_troff(c.name) + "\n";
  if (c.arguments.empty()) return text;
  return ".TP\n.BI \"" + as_troff(c.name) + " \" \"" + as_troff(c.arguments) + "\"\n";
}

std::string entry_for(const command& c) {
  std::string text = heading(c) + as_troff(c.summary) + ".";
  if (!c.details.empty()) text += "\n" + as_troff(c.details);
  if (!c.aliases.empty()) {
    text += "\nAlso:";
    for (const std::string& alias : c.aliases) text += " \\fB" + as_troff(alias) + "\\fP";
    text += ".";
  }
  for (std::size_t i = 0; i < c.options.size(); ++i)
    text += (i == 0 ? "\nOptions: \\fB" : ", \\fB") + as_troff(c.options[i]) + "\\fP";
  if (!c.options.empty()) text += ".";
  return text + "\n.br\nExample: \\fBaemp " + as_troff(c.example) + "\\fP\n";
}

}  // namespace

std::string as_troff(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '"':
        out += "\\(dq";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '`':
        out += "\\(ga";
        break;
      default:
        out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string manual_page() {
  std::string text = ".TH AEMP 1 \"\" \"aemp " AEMP_VERSION "\" \"User Commands\"\n";
  text += beginning;
  for (const section& s : command_table()) {
    text += ".SS " + as_troff(s.title) + "\n";
    for (const command& c : s.commands) text += entry_for(c);
  }
  text += ".SH OPTIONS\n";
  for (const option& o : option_table()) {
    text += ".TP\n.BI " + as_troff(o.name) + (o.argument.empty() ? "" : " \" \" " + as_troff(o.argument)) +
            "\n" + as_troff(o.help) + "\n";
  }
  return text + ending;
}

}  // namespace aemp::tool
