// Combines the program's configuration and the file's by the rules of aemp-protocol B.8. What the file says
// for the node's profile (config_file.hpp) overrides what the program says, and that the built-in defaults.
// With config::force the file fills in only what the program does not say.
#pragma once

#include <aemp/config.hpp>
#include <aemp/export.hpp>
#include <aemp/result.hpp>

#include "api/config_file.hpp"
#include "api/config_key.hpp"

namespace aemp::api {

// null in the file means as if the key were not there. Unknown keys, keys without effect here, and
// authentication methods and framings that only others know are skipped and logged. Errors: no_such_profile,
// when the program asks for one that is not there; those of settings_of; bad_setting and those of
// setting_values.hpp, with file, profile, key, and what is expected.
AEMP_PRIVATE_API result<config> effective_config(config program, const config_file& file);

// The same for callers that are not a node: logs nothing, and returns as remarks what would be logged.
AEMP_PRIVATE_API result<config> effective_config(config program, const config_file& file,
                                                 config_remarks& remarks);

// Remarks on all keys of a file that have no meaning, whichever profile is chosen.
AEMP_PRIVATE_API config_remarks remarks_on_keys(const config_file& file);

}  // namespace aemp::api
