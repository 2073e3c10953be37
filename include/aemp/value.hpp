// A value is one element of a message as the wire knows it: null, a boolean, a number, text, bytes, a list, a
// map, or a port ID. Messages that stay in the process keep their C++ types, and become values only on
// demand.
//
// Twenty-four bytes. Text and bytes of up to 22 bytes are inline. Longer ones, lists and maps are shared,
// immutable and reference-counted (atomically): copying a value is cheap whatever it holds, and any thread
// may do it.
//
// Text and bytes have different types but compare equal, and a number equals the text that spells it, because
// Perl makes no difference either. A port ID equals its text.
#pragma once

#include <aemp/convert.hpp>
#include <aemp/value_class.hpp>
