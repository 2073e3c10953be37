#include "tool/context.hpp"

#include <charconv>
#include <iostream>

#include "data/printable.hpp"
#include "tool/help.hpp"
#include "tool/network/session.hpp"

namespace aemp::tool {

context::context(command_line line) : line_(std::move(line)) {}
context::context(command_line line, session& of_shell)
    : line_(std::move(line)), of_shell_(&of_shell), before_(&of_shell.all()) {
  of_shell.serve(*this);
}
context::~context() {
  if (of_shell_ != nullptr) of_shell_->serve(*before_);
}

session& context::network() {
  if (of_shell_ != nullptr) {
    save_config();
    return *of_shell_;
  }
  if (network_ == nullptr) {
    save_config();
    network_ = std::make_unique<session>(*this);
  }
  return *network_;
}

std::string context::option_or(std::string_view name, std::string otherwise) const {
  const std::string* found = find(name);
  if (found != nullptr) return *found;
  return otherwise;
}

const std::string* context::find(std::string_view option) const {
  const auto found = line_.options.find(option);
  if (found != line_.options.end()) return &found->second;
  return before_ == nullptr ? nullptr : before_->find(option);
}

std::chrono::nanoseconds context::duration_option(std::string_view name,
                                                  std::chrono::nanoseconds otherwise) const {
  const std::string* found = find(name);
  if (found == nullptr) return otherwise;
  const std::string& text = *found;
  double seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || end != text.data() + text.size() || !(seconds > 0) || seconds > 1e9) {
    throw usage_error{{"bad_option", std::string(name) + " is '" + text + "', seconds above 0 are expected"}};
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

void context::print(const value& json, const std::string& text) const {
  if (this->json()) {
    std::cout << json.to_json() << std::endl;
  } else if (!text.empty()) {
    std::cout << data::printable_lines(text) << std::endl;
  }
}

int context::fail(status with, const error& why) const {
  if (json()) {
    std::cerr << value(value::map{{"error", why.name}, {"text", why.text}}).to_json() << std::endl;
  } else {
    std::cerr << "aemp: " << data::printable(why.text) << std::endl;
  }
  return with;
}

void context::hold() {
  if (network_ != nullptr) network_->hold();
}

void context::warn(const std::string& text) const {
  std::cerr << "aemp: note: " << data::printable(text) << std::endl;
}

api::config_place context::place() const {
  if (has("--config")) return {option_or("--config", {}), "", false};
  api::config_place place = api::find_config_place();
  place.must_exist = false;  // a command that sets something makes the file
  return place;
}

config_editor& context::config() {
  if (!config_) {
    auto opened = config_editor::open(place().path);
    if (!opened) throw config_error{opened.error()};
    config_.emplace(std::move(*opened));
  }
  return *config_;
}

void context::save_config() {
  if (!config_ || !config_->changed()) return;
  const auto warnings = config_->save();
  if (!warnings) throw config_error{warnings.error()};
  for (const std::string& text : *warnings) warn(text);
}

error no_such_profile(context& all, const std::string& name) {
  const std::string text = "there is no profile '" + name + "' in " + all.config().path();
  const auto near = api::similar(name, all.config().profiles());
  if (!near.empty()) return {"no_such_profile", text + meant(near)};
  const auto file = all.config().file();
  return {"no_such_profile", text + "; " + (file ? file->known_profiles() : std::string())};
}

int run(const std::vector<std::string>& words) {
  auto line = read_command_line(words);
  if (!line) {
    context nothing({});
    return nothing.fail(misused, line.error());
  }
  context all(std::move(*line));
  return run(all);
}

int run(context& all) {
  try {
    if (all.has("--version")) return print_version(all);
    if (all.has("--help")) return print_help(all);
    if (all.line().steps.empty()) {
      std::cerr << overview();
      return misused;
    }
    for (const step& s : all.line().steps) {
      if (const int status = s.what->run(all, s.arguments); status != done) return status;
    }
    all.save_config();
    all.hold();
    return done;
  } catch (const usage_error& e) {
    return all.fail(misused, e.why);
  } catch (const config_error& e) {
    return all.fail(bad_config, e.why);
  }
}

}  // namespace aemp::tool
