#include "data/weight.hpp"

#include <algorithm>

#include <aemp/handler.hpp>

namespace aemp::data {
namespace {

void add(measure& to, const value& v) {
  to.weight += v.weight();
  to.depth = std::max(to.depth, 1 + v.depth());
}

}  // namespace

measure measure_of(const message& m) {
  measure all{sizeof(detail::block), 1};
  if (m.empty()) return all;
  const detail::block& b = *m.get();
  if (b.what == detail::block::kind::values) {
    const auto& values = static_cast<const detail::values_block&>(b);
    for (std::size_t i = 0; i < values.size; ++i) add(all, values.begin()[i]);
    return all;
  }
  for (std::size_t i = 0; i < m.size(); ++i) {
    const detail::element_place& place = b.ops->places[i];
    const void* const object = detail::object_at(b, place);
    switch (place.kind) {
      case detail::element_kind::value:
        add(all, *static_cast<const value*>(object));
        break;
      case detail::element_kind::text:
        all.weight += value_weight::element + static_cast<const std::string*>(object)->size();
        break;
      case detail::element_kind::other:
        add(all, place.to_value(object));
        break;
      default:
        all.weight += value_weight::element;
    }
  }
  return all;
}

std::size_t weight_of(detail::block& b) noexcept {
  using detail::block;
  if (b.what == block::kind::task) return sizeof(block);
  block& content = b.what == block::kind::shared ? *static_cast<detail::shared_block&>(b).message : b;
  if (content.what == block::kind::typed && !content.ops->may_be_large)
    return sizeof(block) + content.ops->size * value_weight::element;
  try {
    const detail::borrowed_message m(&content);
    return measure_of(m.get()).weight;
  } catch (...) {
    return sizeof(block);
  }
}

}  // namespace aemp::data
