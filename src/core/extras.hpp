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
  // Null: it has none but its number.
  const std::string* name() const noexcept {
    return rare == nullptr || rare->name.empty() ? nullptr : &rare->name;
  }
  conversation* coroutines = nullptr;  // null: none has begun

  // What few ports have.
  struct rarities {
    std::string name;
    std::unique_ptr<intake> in;  // null: nobody counts what waits
  };
  std::unique_ptr<rarities> rare;
  rarities& made_rare() {
    if (rare == nullptr) rare = std::make_unique<rarities>();
    return *rare;
  }
  intake* in() const noexcept { return rare == nullptr ? nullptr : rare->in.get(); }

  // From the worker's cache, as millions of ports may have one.
  static void* operator new(std::size_t size) { return detail::allocate_sized(size); }
  static void operator delete(void* memory, std::size_t size) noexcept {
    detail::deallocate_sized(memory, size);
  }

  // A timer, a call or a stream of the port may still call a handler; a monitor alone keeps no port alive.
  bool has_plans() const noexcept;
};

static_assert(sizeof(port_extras) == 48);

}  // namespace aemp::core
