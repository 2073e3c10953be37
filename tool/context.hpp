// What the commands of one invocation share: the options, where results go, and the configuration file that
// is being changed.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <aemp/result.hpp>

#include "tool/command_line.hpp"
#include "tool/config/config_editor.hpp"

namespace aemp::tool {

class session;

class context {
 public:
  explicit context(command_line line);
  // A line of the shell: it uses the shell's session, which stays, and the shell's options where it has none.
  context(command_line line, session& of_shell);
  ~context();

  const command_line& line() const noexcept { return line_; }
  bool has(std::string_view option) const { return find(option) != nullptr; }
  std::string option_or(std::string_view name, std::string otherwise) const;
  bool json() const { return has("--json"); }
  // Seconds of an option. Throws usage_error for what is no such number.
  std::chrono::nanoseconds duration_option(std::string_view name, std::chrono::nanoseconds otherwise) const;
  std::chrono::nanoseconds timeout() const { return duration_option("--timeout", std::chrono::seconds(5)); }

  // A result: a line for people, or, with --json, a line of JSON. The text may hold several lines, or none.
  void print(const value& json, const std::string& text) const;
  // What went wrong, on standard error. Returns the status.
  int fail(status with, const error& why) const;
  void warn(const std::string& text) const;

  // The configuration file, read when it is first asked for. Throws config_error.
  config_editor& config();
  // Writes it, if it has been changed. Throws config_error.
  void save_config();
  api::config_place place() const;

  // The tool as a node, made when it is first asked for; the configuration is written before. Throws
  // config_error.
  session& network();
  // Stays for as long as a command wants the tool to be there (session.hpp).
  void hold();

  bool in_shell() const noexcept { return of_shell_ != nullptr; }
  bool leaving = false;  // the shell is to end

  std::string profile = {};  // that configuration commands work on; empty: the part for all

 private:
  const std::string* find(std::string_view option) const;  // its argument; null: it was not given

  const command_line line_;
  std::optional<config_editor> config_;
  std::unique_ptr<session> network_;
  session* const of_shell_ = nullptr;
  context* const before_ = nullptr;  // whom that session served
};

// Thrown by commands and caught by run(): it could not go on.
struct usage_error {
  error why;
};
struct config_error {
  error why;
};

// That the configuration has none of this name, with what may have been meant, or which there are.
error no_such_profile(context& all, const std::string& name);

// Runs all commands until one does not return `done`; the status of the last one. Help and version too.
int run(const std::vector<std::string>& words);
int run(context& all);  // what has been read already

}  // namespace aemp::tool
