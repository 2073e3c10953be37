#include <aemp/handler.hpp>

namespace aemp::detail {

void release_handler(handler* h) noexcept {
  if (--h->refs != 0) return;
  if (h->has_pattern) {
    delete h->match;
  } else {
    delete h->long_tag;
  }
  h->ops->destroy(*h);
}

}  // namespace aemp::detail
