// JSON as people write it into a configuration file, by the rules of Perl's JSON::XS in its relaxed mode: a
// '#' outside a text begins a comment that ends with the line, a comma may follow the last element of a list
// or map, and a text may contain a tab. Everything else is as strict as on the wire (data/json.hpp).
#pragma once

#include <string>
#include <string_view>

#include <aemp/export.hpp>
#include <aemp/value.hpp>

namespace aemp::api {

// Reads one value. Text with nothing but comments, or nothing at all, is null. Error: bad_json, as
// "name:line:column: what was found, and what is expected"; columns count characters.
AEMP_PRIVATE_API result<value> read_relaxed_json(std::string_view text, const std::string& name);

}  // namespace aemp::api
