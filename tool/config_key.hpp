// The keys of the configuration that the tool can set, and the texts that its help says about them. From this
// table come the commands set…, get…, del…, and for lists add… and del… of one element.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

namespace aemp::tool {

struct config_key {
  enum class kind { text, list, services };

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

// What is stored for an argument: texts as they were typed, lists cut at their commas; JSON as it is.
value stored(const config_key& key, const value& argument);

// Whether nodes would take it. Errors: bad_setting.
result<void> check_setting(const config_key& key, const value& content);

// The elements of a list, however it was written.
value::array elements_of(const value& list);

// Effective settings where the file says nothing (docs/configuration.md).
const value::map& built_in_settings();

}  // namespace aemp::tool
