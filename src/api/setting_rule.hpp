// The keys of the configuration: the values that each accepts, and where in a config they go. Values are
// accepted as people and the Perl tool write them: text for a number, a text with commas for a list. What
// cannot work is refused here, before a node tries it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/config.hpp>
#include <aemp/result.hpp>

namespace aemp {

// Something wrong with a configuration that can be used all the same.
struct config_remark {
  int level;              // of the log
  std::string what;       // "rc: bind of profile 'x' is not known here"
  std::string hint = {};  // "; did you mean binds?"

  std::string str() const { return what + "; skipped" + hint; }
};
using config_remarks = std::vector<config_remark>;

struct setting_rule {
  std::string_view name;
  bool (*given)(const config&);  // whether the program has set it
  // Errors: bad_setting, or a name of its own, with a text that says what is expected. Entries of a list that
  // only other implementations know are left out, with a remark.
  result<void> (*take)(const value&, config&, config_remarks&);
};

// Null: there is no such key, it belongs to the file itself (profile, parent, version), or it has no effect.
const setting_rule* find_setting_rule(std::string_view key);

// Why a key of the original changes nothing here. Empty for all other keys.
std::string_view why_without_effect(std::string_view key);

// The keys that a mistyped one may have meant.
std::vector<std::string> similar_keys(std::string_view key);

// Accepts true, yes, on, 1 and false, no, off, 0, also as texts, and "", which is Perl's false. Else nothing.
std::optional<bool> truth_of(const value& v);

// Checks what not even a program may ask for. Errors: bad_duration, too_many_workers, bad_limit.
result<void> check_config(const config& c);

}  // namespace aemp
