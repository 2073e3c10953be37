// What a port has beyond handlers. It is allocated when the port has any of it: monitors on it, what it owns, a name
// that is not its number, and coroutines.
#pragma once

#include <string>

#include "core/owned.hpp"

namespace aemp::core {

class conversation;

struct port_extras {
  port_extras() = default;
  port_extras(const port_extras&) = delete;
  port_extras& operator=(const port_extras&) = delete;
  ~port_extras();

  owned_list monitors;
  owned_list belongings;
  std::string name;
  conversation* coroutines = nullptr;  // null: none has begun

  // A timer, a call or a stream of the port may still call a handler; a monitor alone keeps no port alive.
  bool has_plans() const noexcept;
};

}  // namespace aemp::core
