// What a port has beyond handlers. It is allocated when the port has any of it: monitors on it, what it owns, and a
// name that is not its number.
#pragma once

#include <string>

#include "core/owned.hpp"

namespace aemp::core {

struct port_extras {
  owned_list monitors;
  owned_list belongings;
  std::string name;

  // A timer, a call or a stream of the port may still call a handler; a monitor alone keeps no port alive.
  bool has_plans() const noexcept;
};

}  // namespace aemp::core
