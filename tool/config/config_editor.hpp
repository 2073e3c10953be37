// The configuration file while it is changed. It is read as it is, values that nobody here knows included,
// and written so that nothing can be lost: into a file beside it that takes its place when it is complete and
// on the disk. The former content stays as FILE~. Nobody but the owner can read either.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

#include "api/config_file.hpp"

namespace aemp::tool {

class config_editor {
 public:
  // A file that is not there is empty. Errors: no_config_place; config_file_unreadable, so that a file that
  // could not be read is never replaced; bad_json and bad_config_file.
  static result<config_editor> open(const std::string& path);

  const std::string& path() const noexcept { return path_; }
  // As it is now, changes included. Errors: what a change has made wrong.
  result<api::config_file> file() const;

  // Of a profile, or, where that is empty, of the part for all. What is null counts as not there.
  std::optional<value> get(std::string_view profile, std::string_view key) const;
  void set(std::string_view profile, const std::string& key, value content);
  bool erase(std::string_view profile, std::string_view key);  // whether it was there

  bool has_profile(std::string_view name) const;
  std::vector<std::string> profiles() const;
  value::map profile(std::string_view name) const;  // all of it; empty name: the part for all
  bool erase_profile(std::string_view name);

  bool changed() const noexcept { return content_ != before_; }

  // Writes the file; returns what its owner should know. Errors: config_changed, when somebody else has
  // written it since it was read; bad_config_file, when a profile's parents would no longer make sense;
  // config_not_written.
  result<std::vector<std::string>> save();

 private:
  value::map settings(std::string_view profile) const;
  void put(std::string_view profile, value::map settings);
  result<void> check_parents() const;

  std::string path_;
  std::optional<std::string> bytes_;  // of the file; empty: there is none
  bool was_open_ = false;             // others could read it
  value::map before_, content_;
};

// JSON as the original writes it: three blanks a level, " : " behind a key.
std::string pretty_json(const value& v);

}  // namespace aemp::tool
