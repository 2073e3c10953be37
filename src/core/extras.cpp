#include "core/extras.hpp"

namespace aemp::core {

bool port_extras::has_plans() const noexcept {
  bool plans = false;
  belongings.for_each([&](const detail::owned& o) {
    using kind = detail::owned::kind;
    plans = plans || o.what == kind::timer || o.what == kind::call || o.what == kind::stream;
  });
  return plans;
}

}  // namespace aemp::core
