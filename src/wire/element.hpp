// Gives encoders the elements of a message as they are. A message made from C++ objects is not turned into
// values first, which would copy every text.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <aemp/message.hpp>

#include "data/eight.hpp"

namespace aemp::wire {

// Calls f with the tag of a message made from C++ objects. A short tag comes out of the key.
template <class F>
void with_tag(const detail::block& b, F&& f) {
  if ((b.key & detail::hashed_tag_bit) != 0) return f(b.ops->tag(b));
  char packed[8];
  data::store_eight(packed, b.key);
  f(std::string_view(packed, (b.key >> 56) - 1));
}

// Calls f with each element from number `first` on: as text (std::string_view), as a number (std::int64_t or
// double), or as a value. Cost: a look into the table of their types. A value is made only of the rarer
// types.
template <class F>
[[gnu::always_inline]] inline void each_element(const message& m, std::size_t first, F f) {
  const std::size_t size = m.size();
  if (first >= size) return;
  const detail::block& b = *m.get();
  if (b.what == detail::block::kind::values) {
    const value* const values = static_cast<const detail::values_block&>(b).begin();
    for (std::size_t i = first; i < size; ++i) f(values[i]);
    return;
  }
  if (first == 0 && b.ops->rest != nullptr) {
    with_tag(b, f);
    first = 1;
  }
  for (std::size_t i = first; i < size; ++i) {
    const detail::element_place& place = b.ops->places[i];
    const void* const object = detail::object_at(b, place);
    switch (place.kind) {
      case detail::element_kind::value:
        f(*static_cast<const value*>(object));
        break;
      case detail::element_kind::text:
        f(std::string_view(*static_cast<const std::string*>(object)));
        break;
      case detail::element_kind::int32:
        f(std::int64_t{*static_cast<const int*>(object)});
        break;
      case detail::element_kind::uint32:
        f(std::int64_t{*static_cast<const unsigned*>(object)});
        break;
      case detail::element_kind::int64: {
        std::int64_t n;  // a long or a long long
        std::memcpy(&n, object, sizeof n);
        f(n);
        break;
      }
      case detail::element_kind::real:
        f(*static_cast<const double*>(object));
        break;
      case detail::element_kind::other:
        f(place.to_value(object));
        break;
    }
  }
}

}  // namespace aemp::wire
