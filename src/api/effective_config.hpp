// What is to be done in the end: the program's configuration and the file's, brought together by the rules of
// aemp-protocol B.8. Whatever the file says for the node's profile (config_file.hpp) takes the place of what
// the program says, and the program's the place of the built-in defaults; with config::force the file only
// says what the program does not.
#pragma once

#include <aemp/config.hpp>
#include <aemp/result.hpp>

#include "api/config_file.hpp"
#include "api/config_key.hpp"

namespace aemp {

// null in the file is as if the key were not there. Keys that we do not know, or that mean nothing here, are
// skipped, and so are authentication methods and framings that only others know; all that is logged. Errors:
// no_such_profile, when the program asks for one that is not there; those of settings_of; bad_setting and
// those of setting_values.hpp, with file, profile, key, and what is expected.
result<config> effective_config(config program, const config_file& file);

// The same for who is no node: nothing is logged, the remarks are what would be.
result<config> effective_config(config program, const config_file& file, config_remarks& remarks);

// On all keys of a file that mean nothing, whichever profile counts in the end.
config_remarks remarks_on_keys(const config_file& file);

}  // namespace aemp
