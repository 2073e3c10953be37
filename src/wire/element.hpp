// For encoders: the elements of a message as what they are. A message made from C++ objects is not turned
// into values first, which would copy every text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <aemp/message.hpp>

namespace aemp::wire {

template <class T>
const T* object_in(const detail::raw_element& e) {
  return e.type == detail::type_key_of<T>() ? static_cast<const T*>(e.object) : nullptr;
}

// Calls f with element i, which exists, as text (std::string_view), as a number (std::int64_t or double), or
// as a value. Cost: a few comparisons; a value is made only of what is none of the frequent types.
template <class F>
void with_element(const message& m, std::size_t i, F&& f) {
  const detail::block& b = *m.get();
  const detail::raw_element e = b.ops->raw(b, i);
  if (const auto* v = object_in<value>(e)) return f(*v);
  if (const auto* text = object_in<std::string>(e)) return f(std::string_view(*text));
  if (const auto* n = object_in<int>(e)) return f(std::int64_t{*n});
  if (const auto* n = object_in<long>(e)) return f(std::int64_t{*n});
  if (const auto* n = object_in<unsigned>(e)) return f(std::int64_t{*n});
  if (const auto* d = object_in<double>(e)) return f(*d);
  if (i == 0 && b.key != 0) return f(b.ops->tag(b));  // a literal
  f(b.ops->element(b, i));
}

}  // namespace aemp::wire
