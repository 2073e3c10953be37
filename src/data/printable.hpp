// Makes foreign text safe to show. A terminal obeys control characters, and with a line end inside of a log
// line a peer could write log lines of its own.
#pragma once

#include <string>
#include <string_view>

#include <aemp/export.hpp>

namespace aemp::data {

// Replaces each control character (ASCII's, and U+0080 to U+009F) by a backslash escape: \n, \t, \r, \x1b.
AEMP_PRIVATE_API std::string printable(std::string_view text);
// The same for text of several lines: line ends stay.
AEMP_PRIVATE_API std::string printable_lines(std::string_view text);

}  // namespace aemp::data
