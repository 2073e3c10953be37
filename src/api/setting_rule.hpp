// The keys of the configuration: what may stand there, and where in a config it goes. Values are taken as
// people write them and as the Perl tool does: text where a number is meant, a text with commas where a list
// is. What cannot work is refused here, before a node tries it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/config.hpp>
#include <aemp/result.hpp>

namespace aemp {

// What is wrong with a configuration though it can be used.
struct config_remark {
  int level;              // of the log
  std::string what;       // "rc: bind of profile 'x' is not known here"
  std::string hint = {};  // "; did you mean binds?"

  std::string str() const { return what + "; skipped" + hint; }
};
using config_remarks = std::vector<config_remark>;

struct setting_rule {
  std::string_view name;
  bool (*given)(const config&);  // whether a program has said something
  // Errors: bad_setting, or a name of its own, with a text of what is expected. What is left out of a list,
  // because only others know it, is a remark.
  result<void> (*take)(const value&, config&, config_remarks&);
};

// Null: there is no such key, or it belongs to the file itself (profile, parent, version) or has no effect.
const setting_rule* find_setting_rule(std::string_view key);

// Why a key of the original changes nothing here; empty for all other keys.
std::string_view why_without_effect(std::string_view key);

// The keys that a mistyped one may be.
std::vector<std::string> similar_keys(std::string_view key);

// true, yes, on, 1 and false, no, off, 0, also as texts, and "", which is Perl's false. Nothing for all else.
std::optional<bool> truth_of(const value& v);

// What no program may ask for either. Errors: bad_duration, too_many_workers, bad_limit.
result<void> check_config(const config& c);

}  // namespace aemp
