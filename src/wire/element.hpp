// For encoders: the elements of a message as what they are. A message made from C++ objects is not turned
// into values first, which would copy every text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <aemp/message.hpp>

#include "data/eight.hpp"

namespace aemp::wire {

template <class T>
const T* object_in(const detail::raw_element& e) {
  return e.type == detail::type_key_of<T>() ? static_cast<const T*>(e.object) : nullptr;
}

// Calls f with the tag of a message made from C++ objects. A short one lies in the key.
template <class F>
void with_tag(const detail::block& b, F&& f) {
  if ((b.key & detail::hashed_tag_bit) != 0) return f(b.ops->tag(b));
  char packed[8];
  data::store_eight(packed, b.key);
  f(std::string_view(packed, (b.key >> 56) - 1));
}

// Calls f with element i, which exists, as text (std::string_view), as a number (std::int64_t or double), or
// as a value. Cost: a few comparisons; a value is made only of what is none of the frequent types.
template <class F>
void with_element(const message& m, std::size_t i, F&& f) {
  const detail::block& b = *m.get();
  if (b.what == detail::block::kind::values) {
    return f(static_cast<const detail::values_block&>(b).begin()[i]);
  }
  if (i == 0 && b.ops->rest != nullptr) return with_tag(b, f);
  const detail::raw_element e = b.ops->raw(b, i);
  if (const auto* v = object_in<value>(e)) return f(*v);
  if (const auto* text = object_in<std::string>(e)) return f(std::string_view(*text));
  if (const auto* n = object_in<int>(e)) return f(std::int64_t{*n});
  if (const auto* n = object_in<long>(e)) return f(std::int64_t{*n});
  if (const auto* n = object_in<unsigned>(e)) return f(std::int64_t{*n});
  if (const auto* d = object_in<double>(e)) return f(*d);
  f(b.ops->element(b, i));
}

}  // namespace aemp::wire
