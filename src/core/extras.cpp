#include "core/extras.hpp"

#include "core/conversation.hpp"

namespace aemp::core {

port_extras::~port_extras() {
  if (coroutines != nullptr) coroutines->end();
}

bool port_extras::has_plans() const noexcept {
  bool plans = coroutines != nullptr && coroutines->has_program();
  belongings.for_each([&](const detail::owned& o) {
    using kind = detail::owned::kind;
    plans = plans || o.what == kind::timer || o.what == kind::call || o.what == kind::stream;
  });
  return plans;
}

}  // namespace aemp::core
