// The manual page aemp(1), made from the table of commands, in the language of troff. The other pages,
// aemp.conf(5) and aemp-protocol(7), are made from docs/ when the tool is built (scripts/man-page).
#pragma once

#include <string>

namespace aemp::tool {

std::string manual_page();

// Text that troff prints as it is.
std::string as_troff(const std::string& text);

}  // namespace aemp::tool
