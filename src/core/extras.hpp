// What a port has beyond handlers. It is allocated when the port has any of it: monitors on it, what it owns, a name
// that is not its number, coroutines, and limits.
#pragma once

#include <memory>
#include <string>

#include "core/intake.hpp"
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
  std::unique_ptr<const std::string> name;  // null: it has none but its number
  conversation* coroutines = nullptr;       // null: none has begun
  std::unique_ptr<intake> in;               // null: nobody counts what waits

  // A timer, a call or a stream of the port may still call a handler; a monitor alone keeps no port alive.
  bool has_plans() const noexcept;
};

}  // namespace aemp::core
