// Settings as people type them: what is stored for an argument, what nodes would take, and lists however they
// were written. The keys are those of api/config_key.hpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <aemp/result.hpp>
#include <aemp/value.hpp>

#include "api/config_key.hpp"

namespace aemp::tool {

// What is stored for an argument: truths as booleans, lists cut at their commas, other texts as they were
// typed; JSON as it is. Errors: those of check_setting.
result<value> setting_for(const api::config_key& key, const value& argument);

// Whether nodes would take all of it. Errors: bad_setting and those of setting_values.hpp.
result<void> check_setting(const api::config_key& key, const value& content);

// KEY VALUE KEY VALUE…, as a program could say them. Errors: missing_argument, unknown_key, and those
// of check_setting.
result<value::map> settings_of_pairs(std::span<const value> pairs);

// The elements of a list, however it was written.
value::array elements_of(const value& list);

// Effective settings where the file says nothing (docs/configuration.md).
const value::map& built_in_settings();

}  // namespace aemp::tool
