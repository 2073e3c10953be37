// The keys of the configuration that the tool can set, and the texts that its help says about them. From this
// table come the commands set…, get…, del…, and for lists add… and del… of one element.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

namespace aemp::tool {

struct config_key {
  enum class kind { text, truth, list, services };

  std::string name;
  kind what;
  std::string argument;   // of its set command
  std::string meaning;    // behind "set "
  std::string example;    // an argument
  std::string item = {};  // lists: what one element is called in commands; empty: no such commands
  std::string details = {};
  bool without_set = true;  // the name alone is its set command, too
};

const std::vector<config_key>& config_keys();

// What is stored for an argument: truths as booleans, lists cut at their commas, other texts as they were
// typed; JSON as it is. Errors: those of check_setting.
result<value> setting_for(const config_key& key, const value& argument);

// Whether nodes would take all of it. Errors: bad_setting and those of setting_rule.
result<void> check_setting(const config_key& key, const value& content);

// KEY VALUE KEY VALUE…, as a program could say them. Errors: missing_argument, unknown_key, and those
// of check_setting.
result<value::map> settings_of_pairs(std::span<const value> pairs);

// The elements of a list, however it was written.
value::array elements_of(const value& list);

// Effective settings where the file says nothing (docs/configuration.md).
const value::map& built_in_settings();

}  // namespace aemp::tool
