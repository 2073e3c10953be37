#include "api/config_file.hpp"

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

#include "api/file.hpp"
#include "api/relaxed_json.hpp"

namespace aemp::api {
namespace {

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string() : std::string(text);
}

const value* find(const value::map& in, std::string_view key) {
  const auto found = in.find(key);
  return found == in.end() || found->second.is_null() ? nullptr : &found->second;
}

bool holds_secret(const value::map& settings) {
  return find(settings, "secret") != nullptr || find(settings, "cert") != nullptr;
}

std::string kind_of(const value& v) { return std::string(name_of(v.type())); }

// Checks what has to hold for the profiles to be found at all.
result<void> check(const value::map& content, const std::string& path) {
  const value* profiles = find(content, "profile");
  if (profiles == nullptr) return {};
  if (profiles->type() != value::kind::map) {
    return error{"bad_config_file",
                 path + ": 'profile' is " + kind_of(*profiles) + ", a map of profiles by name is expected"};
  }
  for (const auto& [name, settings] : profiles->entries()) {
    if (settings.is_null()) continue;
    if (settings.type() != value::kind::map) {
      return error{"bad_config_file", path + ": profile '" + name + "' is " + kind_of(settings) +
                                          ", a map of settings is expected"};
    }
    const value* parent = find(settings.entries(), "parent");
    if (parent != nullptr && !parent->is_text()) {
      return error{"bad_config_file", path + ": the parent of profile '" + name + "' is " + kind_of(*parent) +
                                          ", the name of a profile is expected"};
    }
  }
  return {};
}

}  // namespace

config_place find_config_place() {
  if (const std::string own = variable("AEMP_CONFIG"); !own.empty()) return {own, "AEMP_CONFIG", true};
  const std::string home = variable("HOME");
  const std::string xdg = variable("XDG_CONFIG_HOME");
  const bool xdg_counts = xdg.starts_with('/');
  if (xdg_counts || !home.empty()) {
    const std::string path = (xdg_counts ? xdg : home + "/.config") + "/aemp/config.json";
    if (::access(path.c_str(), F_OK) == 0) return {path, xdg_counts ? "XDG_CONFIG_HOME" : "", false};
  }
  if (const std::string perls = variable("PERL_ANYEVENT_MP_RC"); !perls.empty())
    return {perls, "PERL_ANYEVENT_MP_RC", true};
  return {home.empty() ? "" : home + "/.perl-anyevent-mp", "", false};
}

result<config_file> config_file::read(const config_place& place) {
  if (place.path.empty()) return config_file();
  auto file = read_file(place.path);
  if (!file) {
    if (file.error().name == "no_such_file" && !place.must_exist) return parse({}, place.path);
    const std::string named = place.variable.empty() ? "" : " (named by the variable " + place.variable + ")";
    return error{"config_file_unreadable",
                 "cannot read the configuration file " + place.path + named + ": " + file.error().text};
  }
  auto read = parse(file->bytes, place.path);
  if (read && file->others_may_use && read->holds_secret()) {
    return error{"config_file_is_open",
                 "the configuration file " + place.path +
                     " holds a secret and can be used by others; close it with: chmod 600 " + place.path};
  }
  return read;
}

result<config_file> config_file::parse(std::string_view text, std::string path) {
  auto content = read_relaxed_json(text, path);
  if (!content) return content.error();
  config_file file;
  file.path_ = std::move(path);
  if (content->is_null()) return file;
  if (content->type() != value::kind::map) {
    return error{"bad_config_file",
                 file.path_ + ": the file is " + kind_of(*content) + ", a map of settings is expected"};
  }
  file.content_ = content->entries();
  if (auto good = check(file.content_, file.path_); !good) return good.error();
  return file;
}

bool config_file::holds_secret() const {
  if (api::holds_secret(content_)) return true;
  return std::ranges::any_of(profiles(),
                             [this](const std::string& name) { return api::holds_secret(*profile(name)); });
}

const value::map* config_file::profile(std::string_view name) const {
  const value* profiles = find(content_, "profile");
  const value* found = profiles == nullptr ? nullptr : find(profiles->entries(), name);
  return found == nullptr ? nullptr : &found->entries();
}

std::vector<std::string> config_file::profiles() const {
  std::vector<std::string> names;
  if (const value* all = find(content_, "profile")) {
    for (const auto& [name, settings] : all->entries()) {
      if (!settings.is_null()) names.push_back(name);
    }
  }
  return names;
}

std::string config_file::known_profiles() const {
  std::string list;
  for (const std::string& name : profiles()) list += " " + name;
  return list.empty() ? "there are no profiles" : "there are:" + list;
}

result<config_settings> config_file::settings_of(std::string_view name) const {
  std::vector<std::string> chain;  // innermost first
  std::string path_text;
  for (std::string next(name); has_profile(next);) {
    path_text += (chain.empty() ? "" : " -> ") + next;
    if (std::ranges::find(chain, next) != chain.end()) {
      return error{"parent_loop", path_ + ": the parents of profile '" + std::string(name) +
                                      "' go in a circle: " + path_text};
    }
    chain.push_back(next);
    const value* parent = find(*profile(next), "parent");
    if (parent == nullptr) break;
    if (!has_profile(parent->text())) {
      return error{"no_such_profile", path_ + ": the parent '" + std::string(parent->text()) +
                                          "' of profile '" + next + "' does not exist; " + known_profiles()};
    }
    next = parent->text();
  }

  config_settings settings;
  const auto add = [&settings](const value::map& from, const std::string& profile) {
    for (const auto& [key, content] : from) {
      if (key != "profile" && key != "parent" && key != "version")
        settings.insert_or_assign(key, config_setting{content, profile});
    }
  };
  add(content_, {});
  for (auto p = chain.rbegin(); p != chain.rend(); ++p) add(*profile(*p), *p);
  return settings;
}

}  // namespace aemp::api
