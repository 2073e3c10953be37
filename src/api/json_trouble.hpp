// Says what is wrong with text that is not JSON, for its author: what was found, and what is expected. The
// parser says neither, so this reads the text again when the parser has refused it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <aemp/export.hpp>

namespace aemp::api {

struct json_trouble {
  std::size_t position;  // in bytes
  std::string what;      // "found the word yes, ',' or '}' is expected"
};

// The first syntax error. Nothing if there is none: then the parser refused the depth, or half of a surrogate
// pair.
AEMP_PRIVATE_API std::optional<json_trouble> find_json_trouble(std::string_view json);

}  // namespace aemp::api
