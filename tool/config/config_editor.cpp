#include "tool/config/config_editor.hpp"

#include <algorithm>

#include "api/file.hpp"
#include "api/relaxed_json.hpp"
#include "tool/config/replaced_file.hpp"

namespace aemp::tool {
namespace {

constexpr const char* profiles_key = "profile";

void append_pretty(std::string& out, const value& v, std::size_t depth) {
  const std::string inner(3 * (depth + 1), ' ');
  const char* between = "\n";
  if (v.type() == value::kind::map && v.size() != 0) {
    out += '{';
    for (const auto& [key, content] : v.entries()) {
      out += std::exchange(between, ",\n") + inner + value(key).to_json() + " : ";
      append_pretty(out, content, depth + 1);
    }
    out += '\n' + std::string(3 * depth, ' ') + '}';
  } else if (v.type() == value::kind::array && v.size() != 0) {
    out += '[';
    for (const value& item : v.elements()) {
      out += std::exchange(between, ",\n") + inner;
      append_pretty(out, item, depth + 1);
    }
    out += '\n' + std::string(3 * depth, ' ') + ']';
  } else {
    out += v.to_json();
  }
}

bool has_comments(std::string_view json) {
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (in_text && json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      in_text = !in_text;
    } else if (!in_text && json[i] == '#') {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string pretty_json(const value& v) {
  std::string out;
  append_pretty(out, v, 0);
  return out;
}

result<config_editor> config_editor::open(const std::string& path) {
  if (path.empty()) {
    return error{"no_config_place",
                 "there is no place for a configuration file: set HOME, AEMP_CONFIG, or use --config FILE"};
  }
  config_editor editor;
  editor.path_ = path;
  auto file = api::read_file(path);
  if (!file && file.error().name != "no_such_file") {
    return error{"config_file_unreadable", "cannot read the configuration file " + path + ": " +
                                               file.error().text + "; so it is not changed either"};
  }
  if (file) {
    auto parsed = api::config_file::parse(file->bytes, path);
    if (!parsed) return parsed.error();
    editor.before_ = editor.content_ = parsed->content();
    editor.was_open_ = file->others_may_use && parsed->holds_secret();
    editor.bytes_ = std::move(file->bytes);
  }
  return editor;
}

result<api::config_file> config_editor::file() const {
  return api::config_file::parse(value(content_).to_json(), path_);
}

value::map config_editor::settings(std::string_view profile) const {
  if (profile.empty()) return content_;
  const auto all = content_.find(profiles_key);
  if (all == content_.end()) return {};
  const value& found = all->second[profile];
  return found.type() == value::kind::map ? found.entries() : value::map();
}

void config_editor::put(std::string_view profile, value::map settings) {
  if (profile.empty()) {
    content_ = std::move(settings);
    return;
  }
  const auto found = content_.find(profiles_key);
  value::map all =
      found == content_.end() || found->second.is_null() ? value::map() : found->second.entries();
  all.insert_or_assign(std::string(profile), value(std::move(settings)));
  content_.insert_or_assign(profiles_key, value(std::move(all)));
}

std::optional<value> config_editor::get(std::string_view profile, std::string_view key) const {
  const value::map all = settings(profile);
  const auto found = all.find(key);
  if (found == all.end() || found->second.is_null()) return {};
  return found->second;
}

void config_editor::set(std::string_view profile, const std::string& key, value content) {
  value::map all = settings(profile);
  all.insert_or_assign(key, std::move(content));
  put(profile, std::move(all));
}

bool config_editor::erase(std::string_view profile, std::string_view key) {
  value::map all = settings(profile);
  const auto found = all.find(key);
  if (found == all.end()) return false;
  all.erase(found);
  put(profile, std::move(all));
  return true;
}

std::vector<std::string> config_editor::profiles() const {
  std::vector<std::string> names;
  const auto all = content_.find(profiles_key);
  if (all == content_.end() || all->second.is_null()) return names;
  for (const auto& [name, content] : all->second.entries()) {
    if (!content.is_null()) names.push_back(name);
  }
  return names;
}

bool config_editor::has_profile(std::string_view name) const {
  const auto names = profiles();
  return std::ranges::find(names, name) != names.end();
}

value::map config_editor::profile(std::string_view name) const {
  value::map all = settings(name);
  if (name.empty()) all.erase(profiles_key);
  return all;
}

bool config_editor::erase_profile(std::string_view name) {
  if (!has_profile(name)) return false;
  value::map all = content_.find(profiles_key)->second.entries();
  all.erase(all.find(name));
  content_.insert_or_assign(profiles_key, value(std::move(all)));
  return true;
}

// What was wrong in the file before may stay so, or nobody could repair it.
result<void> config_editor::check_parents() const {
  const auto now = file();
  if (!now) return now.error();
  const auto before = api::config_file::parse(value(before_).to_json(), path_);
  for (const std::string& name : now->profiles()) {
    const auto settings = now->settings_of(name);
    if (!settings && (!before || before->settings_of(name))) return settings.error();
  }
  return {};
}

result<std::vector<std::string>> config_editor::save() {
  if (auto good = check_parents(); !good) return good.error();
  if (!bytes_) content_.insert_or_assign("version", 1);
  const std::string text = pretty_json(value(content_)) + "\n";
  const auto back = api::read_relaxed_json(text, path_);
  if (!back || *back != value(content_)) {
    return error{"config_not_written",
                 path_ + " is not written: something in it is no text that JSON can hold"};
  }
  if (auto written = replace_file(path_, bytes_, text); !written) return written.error();

  std::vector<std::string> warnings;
  if (was_open_) {
    warnings.push_back(path_ +
                       " held a secret and could be used by others; now it is closed. If anybody else has "
                       "read it, make a new one: aemp gensecret");
  }
  if (bytes_ && has_comments(*bytes_))
    warnings.push_back("the comments of " + path_ + " are in " + path_ + "~ only");
  before_ = content_;
  bytes_ = text;
  was_open_ = false;
  return warnings;
}

}  // namespace aemp::tool
