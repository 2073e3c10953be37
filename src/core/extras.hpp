// What a port has beyond handlers, allocated only when it has any: who monitors it, what it owns, and a name
// that is no number.
#pragma once

#include <string>

#include "core/owned.hpp"

namespace aemp::core {

struct port_extras {
  detail::owned_list monitors;
  detail::owned_list belongings;
  std::string name;

  // A timer, a call or bytes may still come; a monitor alone keeps nobody alive.
  bool has_plans() const noexcept;
};

// A call that waits for its reply (include/aemp/call.hpp). It belongs to the port that made it, and the reply
// port's entry points to it.
class call_record : public detail::owned {
 public:
  call_record(detail::local_node& node, std::uint32_t worker, std::uint64_t owner, std::uint64_t reply,
              detail::handler_ref on_reply, detail::handler_ref on_failure)
      : owned(kind::call, node, worker, owner, std::move(on_reply)),
        reply(reply),
        on_failure(std::move(on_failure)) {}
  ~call_record() override;

  const std::uint64_t reply;
  detail::handler_ref on_failure;
  detail::owned* limit = nullptr;  // the timer that makes the call fail; null: there is none
  detail::owned* watch = nullptr;  // the monitor that does
  detail::owned_list monitors;     // of the reply port
};

}  // namespace aemp::core
