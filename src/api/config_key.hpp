// The keys of the configuration. This table is the only place where a key is written down: what it means for a
// node, the commands and the help of the tool, and the table in docs/configuration.md are made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/config.hpp>
#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "api/setting_values.hpp"

namespace aemp::api {

struct config_key {
  enum class kind { text, truth, list, services };

  std::string_view name;
  kind what = kind::text;

  // For the page: what the value is, and the default in words. For `aemp showconfig`: the default in JSON, if
  // it can be written down.
  std::string_view page = {};
  std::string_view page_default = {};
  std::string_view built_in = {};

  // For the tool's command set…: its argument, what it does ("set …"), an argument as an example, and more
  // about it. No argument: the tool has no commands for the key.
  std::string_view argument = {};
  std::string_view meaning = {};
  std::string_view example = {};
  std::string_view details = {};
  std::string_view item = {};      // lists: what one element is called in commands; empty: no such commands
  bool is_its_own_command = true;  // the name alone is the set command, too

  // Whether a program has said something, and how a value from the file gets into a config. Null for keys that
  // belong to the file itself, and for those that have no effect here.
  bool (*given)(const config&) = nullptr;
  result<void> (*take)(const value&, config&, config_remarks&) = nullptr;
  std::string_view without_effect = {};  // why
};

AEMP_PRIVATE_API std::span<const config_key> config_keys();

// Null: there is no such key.
AEMP_PRIVATE_API const config_key* find_config_key(std::string_view name);
// Null, too, for a key that a node takes nothing from.
AEMP_PRIVATE_API const config_key* find_setting(std::string_view name);

// Why a key of the original changes nothing here; empty for all other keys.
AEMP_PRIVATE_API std::string_view why_without_effect(std::string_view name);

// The keys that a mistyped one may be.
AEMP_PRIVATE_API std::vector<std::string> similar_keys(std::string_view name);

// The table of the section "Keys" in docs/configuration.md.
std::string config_keys_page();

}  // namespace aemp::api
