// Text from elsewhere, before a person sees it: a terminal obeys control characters, and a line end inside of
// a line of the log would let a peer write lines of its own.
#pragma once

#include <string>
#include <string_view>

namespace aemp::data {

// With each control character (ASCII's, and U+0080 to U+009F) as a backslash escape: \n, \t, \r, \x1b.
std::string printable(std::string_view text);
// The same for text of several lines: their ends stay.
std::string printable_lines(std::string_view text);

}  // namespace aemp::data
