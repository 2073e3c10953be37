// What is wrong with a text that is no JSON, for the person who wrote it: what stands there, and what should.
// The parser says neither; so this reads the text once more when the parser has refused it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aemp {

struct json_trouble {
  std::size_t position;  // in bytes
  std::string what;      // "found the word yes, ',' or '}' is expected"
};

// The first trouble with the syntax. Nothing when there is none: then it is the depth, or half of a surrogate
// pair.
std::optional<json_trouble> find_json_trouble(std::string_view json);

}  // namespace aemp
