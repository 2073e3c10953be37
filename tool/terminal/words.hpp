// A line of the shell cut into words, so that what one types is what the command line gets
// (command_line.hpp).
//
// Blanks separate words. A word that begins with [ { or " is JSON up to where that ends, so it needs no more
// quotes: snd a#b {"x": [1, 2]} "two words". Otherwise as in other shells: '…' is taken as it is, "…" too but
// for \" and \\, and \ takes away the meaning of the next character. $me is the shell's port, but not within
// '…'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <aemp/result.hpp>

namespace aemp::tool {

// Errors: unfinished_quote, unfinished_json. A line that begins with # has no words.
result<std::vector<std::string>> split_words(std::string_view line, std::string_view me);

}  // namespace aemp::tool
