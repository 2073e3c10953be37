// The configuration file: settings for all nodes of a user, and profiles with settings of their own, each of
// which may have another profile as its parent. It is the file that the Perl tool writes (aemp-protocol H.1),
// read as it is; docs/configuration.md describes it to users. Here it is only values; what they mean is in
// effective_config.hpp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

namespace aemp {

// Where the file is looked for.
struct config_place {
  std::string path;      // empty: nowhere, for there is no home directory
  std::string variable;  // the environment variable that says so; empty: it is the usual place
  bool must_exist = false;
};

// $AEMP_CONFIG, else $XDG_CONFIG_HOME/aemp/config.json (~/.config/aemp/config.json) if it is there, else
// $PERL_ANYEVENT_MP_RC, else ~/.perl-anyevent-mp. The first and the third must exist. Empty variables, and an
// XDG_CONFIG_HOME that is not absolute, count as not set.
config_place find_config_place();

struct config_setting {
  value content;
  std::string profile;  // the one it comes from; empty: the part for all
};
using config_settings = std::map<std::string, config_setting, std::less<>>;

class config_file {
 public:
  config_file() = default;  // empty, and of no path

  // Errors: bad_json and bad_config_file (what is wrong with the content), config_file_unreadable,
  // config_file_is_open (it holds a secret or a certificate, and its mode lets others use it). That there is
  // no file is none, unless it must exist.
  static result<config_file> read(const config_place& place);
  static result<config_file> parse(std::string_view text, std::string path);

  const std::string& path() const noexcept { return path_; }
  const value::map& content() const noexcept { return content_; }  // all of it, what we do not know included
  bool holds_secret() const;

  std::vector<std::string> profiles() const;
  bool has_profile(std::string_view name) const { return profile(name) != nullptr; }

  // What holds for a profile: the part for all, over it the profile's parents, the outermost first, over them
  // the profile itself. A profile that is not there has the part for all. Errors: no_such_profile (a parent),
  // parent_loop.
  result<config_settings> settings_of(std::string_view profile) const;

  // "there are: a b", for errors.
  std::string known_profiles() const;

 private:
  const value::map* profile(std::string_view name) const;

  std::string path_;
  value::map content_;
};

}  // namespace aemp
