// UTF-8 as the wire needs it: is this text, and what does Perl make of bytes that are none.
#pragma once

#include <string>
#include <string_view>

namespace aemp::data {

// Well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Cost: eight bytes a step for ASCII.
bool is_utf8(std::string_view text) noexcept;

// One character per byte, as UTF-8: what Perl writes for a byte string that is no UTF-8.
std::string utf8_of_latin1(std::string_view bytes);

}  // namespace aemp::data
