// A value is one element of a message as the wire knows it: null, a boolean, a number, text, bytes, a list, a
// map, or a port ID. Messages that stay in the process keep their C++ types and never become values unless
// somebody asks.
//
// Twenty-four bytes; text and bytes of up to 22 bytes are inline. Longer ones, lists and maps are shared,
// immutable and reference-counted (atomically), so copying a value is cheap whatever it holds, and any thread
// may copy it.
//
// Text and bytes are told apart but compare equal, and a number equals the text that spells it, because Perl
// makes no difference either. A port ID equals its text.
#pragma once

#include <aemp/convert.hpp>
#include <aemp/value_class.hpp>
