#include "tool/terminal/completion.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "tool/manual.hpp"
#include "tool/network/names.hpp"

namespace aemp::tool {
namespace {

// Which parameter a word is for: that of the last command before it that is not complete. None: a command is
// next.
struct place {
  const command* what = nullptr;
  std::string first;                    // of a command of two words that has begun
  std::string parameter;                // its name
  std::vector<std::string> given = {};  // the arguments of the command before it
  bool or_command = true;               // a command may stand there as well
};

place place_of(const std::vector<std::string>& before) {
  place at;
  std::vector<parameter> left;
  bool dashes = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::string& word = before[i];
    if (word == "--" && !dashes) {
      dashes = true;
      continue;
    }
    if (word.starts_with("--") && !dashes) {
      const option* o = find_option(word);
      if (o != nullptr && !o->argument.empty()) ++i;
      continue;
    }
    const bool two = find_command(at.first + " " + word) != nullptr && !at.first.empty();
    const std::string next = i + 1 < before.size() ? before[i + 1] : std::string();
    const bool is_argument =
        !left.empty() && (left[0].required || left[0].rest || dashes || !ends_optional_arguments(word, next));
    if (is_argument) {
      at.given.push_back(word);
      if (!left[0].rest) left.erase(left.begin());
      continue;
    }
    const command* c = two ? find_command(at.first + " " + word) : find_command(word);
    at.first = c == nullptr ? word : "";
    at.what = c;
    at.given.clear();
    left = c == nullptr ? std::vector<parameter>() : c->parameters();
  }
  if (!left.empty()) {
    at.parameter = left[0].name;
    at.or_command = !left[0].required && !left[0].rest;
  }
  if (dashes && at.what != nullptr) at.or_command = false;
  return at;
}

void add_files(std::vector<candidate>& found, const std::string& begin) {
  namespace fs = std::filesystem;
  const std::size_t slash = begin.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : begin.substr(0, slash + 1);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : folder, ignored))
    found.push_back(
        {folder + entry.path().filename().string() + (entry.is_directory(ignored) ? "/" : ""), {}});
}

void add_profiles(std::vector<candidate>& found, context& all) {
  try {
    for (const std::string& name : all.config().profiles()) found.push_back({name, "profile"});
  } catch (const config_error&) {  // nothing to offer
  }
}

void add_commands(std::vector<candidate>& found, const std::string& first) {
  for (const section& s : command_table()) {
    for (const command& c : s.commands) {
      const std::size_t blank = c.name.find(' ');
      if (!first.empty()) {
        if (blank != std::string::npos && c.name.substr(0, blank) == first)
          found.push_back({c.name.substr(blank + 1), c.summary});
      } else if (blank != std::string::npos) {
        if (const candidate word{c.name.substr(0, blank), s.title};
            std::ranges::find(found, word) == found.end())
          found.push_back(word);
      } else if (c.name != "complete") {
        found.push_back({c.name, c.summary});
      }
    }
  }
}

// What has been typed decides which network is asked.
command_line options_of(const context& all, const std::vector<std::string>& words) {
  command_line line;
  line.options = all.line().options;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    const option* o = find_option(words[i]);
    if (o != nullptr && !o->argument.empty()) line.options.insert_or_assign(o->name, words[i + 1]);
  }
  return line;
}

// Bash splits words at : and =, which occur in addresses and options, and expects only what is behind them.
constexpr const char* bash_script = R"(_aemp() {
  local IFS=$'\n' line word join= last=${COMP_WORDS[COMP_CWORD]} words=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word == [:=] ]] && join=1
    if [[ $join && ${#words[@]} -gt 0 ]]; then words[-1]+=$word; else words+=("$word"); fi
    [[ $word == [:=] ]] || join=
  done
  [[ $last == [:=] ]] && last=
  local said=${words[-1]%"$last"}
  COMPREPLY=()
  for line in $(aemp complete -- "${words[@]}" 2>/dev/null); do
    line=${line%%$'\t'*}
    COMPREPLY+=("${line#"$said"}")
  done
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/#] ]] && compopt -o nospace
}
complete -F _aemp aemp)";

constexpr const char* zsh_script = R"(#compdef aemp
_aemp() {
  local -a lines
  lines=("${(@f)$(aemp complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  lines=("${(@)lines//:/\\:}")
  lines=("${(@)lines/$'\t'/:}")
  _describe aemp lines
}
if [ "$funcstack[1]" = _aemp ]; then _aemp "$@"; else compdef _aemp aemp; fi)";

constexpr const char* fish_script =
    R"(complete -c aemp -f -a '(aemp complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)')";

}  // namespace

std::vector<candidate> candidates(context& all, const std::vector<std::string>& words) {
  const std::string begin = words.empty() ? std::string() : words.back();
  const std::vector<std::string> before(words.begin(), words.empty() ? words.end() : words.end() - 1);
  const option* const o = before.empty() ? nullptr : find_option(before.back());
  const place at = place_of(before);

  std::vector<candidate> found;
  const auto add = [&](const std::string& what) {
    if (what == "FILE") add_files(found, begin);
    if (what == "PROFILE") add_profiles(found, all);
    if (what == "BOOL") found = {{"true"}, {"false"}};
    if (what == "MODE") found = {{"auto"}, {"required"}, {"off"}};
    if (what == "SHELL") found = {{"bash"}, {"zsh"}, {"fish"}};
    if (what == "COMMAND") add_commands(found, {});
    const bool is_message = at.what != nullptr && (at.what->name == "cal" || at.what->name == "snd");
    if (what == "ARG" && is_message && at.given.size() == 1) found = messages_of_port(all, at.given[0]);
    if (what == "NODE" || what == "PORT" || what == "GROUP" || what == "FAMILY")
      found = names_in_network(all, what, begin);
  };
  if (o != nullptr && !o->argument.empty()) {
    add(o->argument);
  } else if (begin.starts_with("-")) {
    for (const option& one : option_table()) {
      const bool fits = one.for_all || (at.what != nullptr && std::ranges::find(at.what->options, one.name) !=
                                                                  at.what->options.end());
      if (fits) found.push_back({one.name, one.help});
    }
  } else {
    add(at.parameter);
    if (at.or_command) add_commands(found, at.first);
  }
  std::erase_if(found, [&](const candidate& c) { return !c.word.starts_with(begin); });
  return found;
}

std::string completion_script(std::string_view shell) {
  return shell == "bash" ? bash_script : shell == "zsh" ? zsh_script : shell == "fish" ? fish_script : "";
}

section completion_section() {
  return {"For shells and manuals",
          {{"completion",
            {},
            "SHELL",
            "print the completion of commands for bash, zsh or fish",
            "bash: eval \"$(aemp completion bash)\" in ~/.bashrc; zsh: the same in ~/.zshrc, behind "
            "compinit; fish: "
            "aemp completion fish | source.",
            "completion bash",
            {},
            [](context&, const std::vector<value>& a) {
              const std::string script = completion_script(a[0].to_string());
              if (script.empty())
                throw usage_error{{"unknown_shell", "there is no completion for '" + a[0].to_string() +
                                                        "'; there are: bash zsh fish"}};
              std::cout << script << std::endl;
              return int(done);
            }},
           {"manual",
            {},
            "",
            "print the manual page aemp(1), for man -l",
            {},
            "manual",
            {},
            [](context&, const std::vector<value>&) {
              std::cout << manual_page() << std::flush;
              return int(done);
            }},
           {"complete",
            {},
            "[WORD...]",
            "print what the last of these words could become",
            "The scripts of aemp completion call this. It prints a word a line, a tab, and what the word "
            "means.",
            "complete -- setno",
            {},
            [](context& all, const std::vector<value>& a) {
              std::vector<std::string> words;
              for (const value& v : a) words.push_back(v.to_string());
              context there(options_of(all, words));
              for (const candidate& c : candidates(there, words))
                std::cout << c.word << (c.meaning.empty() ? "" : "\t") << c.meaning << '\n';
              std::cout.flush();
              return int(done);
            },
            false}}};
}

}  // namespace aemp::tool
