#include "tool/command_line.hpp"

#include <algorithm>
#include <optional>

#include "api/json_trouble.hpp"

namespace aemp::tool {
namespace {

struct word {
  value content;
  bool is_json = false;  // so it is no name of a command
};

// "[::1]:4040", "[fe80::1%eth0]".
bool is_bracketed_address(std::string_view text) {
  const std::size_t end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return false;
  const std::string_view inside = text.substr(1, end - 1);
  return inside.find(':') != std::string_view::npos &&
         inside.find_first_of("\"{}[], ") == std::string_view::npos;
}

result<word> read_word(const std::string& text) {
  if (text.empty() || std::string_view("[{\"").find(text[0]) == std::string_view::npos ||
      is_bracketed_address(text))
    return word{value(text)};
  auto content = value::from_json(text);
  if (!content) {
    const auto trouble = api::find_json_trouble(text);
    return error{"bad_json", "the argument " + text + " begins like JSON, but is none (" +
                                 (trouble ? trouble->what : content.error().text) +
                                 "); a text that begins so is written as \"\\\"text\\\"\""};
  }
  return word{std::move(*content), true};
}

class reader {
 public:
  result<command_line> read(const std::vector<std::string>& words) {
    if (auto good = sort(words); !good) return good.error();
    replace_by_list();
    while (at_ < words_.size()) {
      if (auto good = read_step(); !good) return good.error();
    }
    if (auto good = check_options(); !good) return good.error();
    return std::move(line_);
  }

 private:
  result<void> sort(const std::vector<std::string>& words) {
    bool options = true;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& text = words[i];
      if (options && text == "--") {
        options = false;
        if (!words_.empty()) dashes_ = words_.size();
      } else if (options && text.starts_with("--")) {
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        const option* o = find_option(name);
        if (o == nullptr)
          return error{"unknown_option",
                       "there is no option " + name + meant(api::similar(name, all_option_names()))};
        std::string argument;
        if (equals != std::string::npos) argument = text.substr(equals + 1);
        if (o->argument.empty() && equals != std::string::npos)
          return error{"useless_option", "the option " + name + " takes no argument"};
        if (!o->argument.empty() && equals == std::string::npos) {
          if (++i == words.size())
            return error{"missing_argument", "the option " + name + " needs its argument: " + o->argument};
          argument = words[i];
        }
        line_.options.insert_or_assign(name, std::move(argument));
      } else {
        auto content = read_word(text);
        if (!content) return content.error();
        words_.push_back(std::move(*content));
      }
    }
    return {};
  }

  void replace_by_list() {
    if (words_.size() != 1 || words_[0].content.type() != value::kind::array) return;
    std::vector<word> all;
    for (const value& v : words_[0].content.elements()) all.push_back({v, !v.is_text()});
    words_ = std::move(all);
    dashes_ = none;
  }

  std::string name_at(std::size_t i) const {
    return i < words_.size() && !words_[i].is_json ? std::string(words_[i].content.text()) : std::string();
  }

  bool is_behind_dashes(std::size_t i) const { return i >= dashes_; }

  // The command that is named at a place, and how many words that takes.
  std::pair<const command*, std::size_t> command_at(std::size_t i) const {
    const std::string one = name_at(i);
    if (one.empty()) return {nullptr, 0};
    if (const std::string second = name_at(i + 1); !second.empty()) {
      if (const command* c = find_command(one + " " + second)) return {c, 2};
    }
    return {find_command(one), 1};
  }

  result<void> read_step() {
    if (is_behind_dashes(at_)) {
      return error{"useless_argument",
                   "'" + words_[at_].content.to_string() + "' is one argument too many for " + "aemp " +
                       line_.steps.back().what->name + "; behind -- there are no commands"};
    }
    const auto [what, size] = command_at(at_);
    if (what == nullptr) return read_group();
    at_ += size;
    step s{what, {}};
    for (const parameter& p : what->parameters()) {
      if (at_ == words_.size() || (!p.required && !p.rest && !is_behind_dashes(at_) &&
                                   ends_optional_arguments(name_at(at_), name_at(at_ + 1)))) {
        if (p.required && !line_.has("--help")) {
          return error{"missing_argument", "aemp " + what->name + " needs " + p.name + ": aemp " +
                                               what->name + " " + what->arguments};
        }
        continue;
      }
      do {
        s.arguments.push_back(std::move(words_[at_++].content));
      } while (p.rest && at_ < words_.size());
    }
    line_.steps.push_back(std::move(s));
    return {};
  }

  // Reads a request for help about a group of commands: "db --help".
  result<void> read_group() {
    const std::string name = name_at(at_);
    const auto group = find_commands(name);
    if (group.empty() || !line_.has("--help") || at_ + 1 != words_.size())
      return unknown_command(name.empty() ? words_[at_].content.to_json() : name, name_at(at_ + 1));
    for (const command* c : group) line_.steps.push_back({c, {}});
    ++at_;
    return {};
  }

  result<void> check_options() const {
    for (const auto& [name, argument] : line_.options) {
      const bool used = find_option(name)->for_all || std::ranges::any_of(line_.steps, [&](const step& s) {
                          return std::ranges::find(s.what->options, name) != s.what->options.end();
                        });
      if (!used)
        return error{"useless_option", "the option " + name +
                                           " means nothing here; aemp COMMAND --help says which "
                                           "options a command has"};
    }
    return {};
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::vector<word> words_;
  std::size_t at_ = 0;
  // the first word behind -- that stands behind a command
  std::size_t dashes_ = none;
  command_line line_;
};

}  // namespace

bool ends_optional_arguments(const std::string& word, const std::string& next) {
  if (word.empty()) return false;
  if (const command* c = find_command(word); c != nullptr && c->name == word) return true;
  return !next.empty() && find_command(word + " " + next) != nullptr;
}

result<command_line> read_command_line(const std::vector<std::string>& words) { return reader().read(words); }

}  // namespace aemp::tool
