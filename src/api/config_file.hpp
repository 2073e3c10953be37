// The configuration file: settings for all nodes of a user, and profiles with settings of their own, each of
// which may have another profile as its parent. It is the file that the Perl tool writes (aemp-protocol H.1),
// read as it is; docs/configuration.md describes it to users. Here its settings are only values;
// effective_config.hpp gives them a meaning.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/export.hpp>
#include <aemp/result.hpp>
#include <aemp/value.hpp>

namespace aemp::api {

// Where the file is looked for.
struct config_place {
  std::string path;      // empty if there is none, as there is no home directory
  std::string variable;  // the environment variable that names the path; empty for the usual place
  bool must_exist = false;
};

// $AEMP_CONFIG, else $XDG_CONFIG_HOME/aemp/config.json (~/.config/aemp/config.json) if it exists, else
// $PERL_ANYEVENT_MP_RC, else ~/.perl-anyevent-mp. The first and the third must exist. Empty variables, and an
// XDG_CONFIG_HOME that is not absolute, count as not set.
AEMP_PRIVATE_API config_place find_config_place();

struct config_setting {
  value content;
  std::string profile;  // the one it comes from; empty for the part for all
};
using config_settings = std::map<std::string, config_setting, std::less<>>;

class AEMP_PRIVATE_API config_file {
 public:
  config_file() = default;  // empty, and of no path

  // A missing file is an empty one, unless it must exist. Errors: bad_json and bad_config_file (the content
  // is wrong), config_file_unreadable, config_file_is_open (it holds a secret or a certificate, and its mode
  // lets others use it).
  static result<config_file> read(const config_place& place);
  static result<config_file> parse(std::string_view text, std::string path);

  const std::string& path() const noexcept { return path_; }
  const value::map& content() const noexcept { return content_; }  // all of it, with what we do not know
  bool holds_secret() const;

  std::vector<std::string> profiles() const;
  bool has_profile(std::string_view name) const { return profile(name) != nullptr; }

  // The settings of a profile: the part for all, overridden by the profile's parents, the outermost first,
  // and then by the profile itself. A profile that does not exist has the part for all. Errors:
  // no_such_profile (a parent), parent_loop.
  result<config_settings> settings_of(std::string_view profile) const;

  // "there are: a b", for errors.
  std::string known_profiles() const;

 private:
  const value::map* profile(std::string_view name) const;

  std::string path_;
  value::map content_;
};

}  // namespace aemp::api
