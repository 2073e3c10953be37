// A call that waits for its reply (include/aemp/call.hpp). It belongs to the port that made it, and the entry of the
// reply port points to it, so a reply needs no handler table. On the worker the call was made on.
#pragma once

#include "core/owned.hpp"

namespace aemp::core {

class call_record : public detail::owned {
 public:
  call_record(detail::local_node& node, std::uint32_t worker, std::uint64_t owner, std::uint64_t reply,
              detail::handler_ref on_reply, detail::handler_ref on_failure)
      : owned(kind::call, node, worker, owner, std::move(on_reply)),
        reply(reply),
        on_failure(std::move(on_failure)) {}
  ~call_record() override;

  // The call is over: nothing that waits for it or for which it waits is linked to it any more.
  void unlink_all();
  // Calls the continuation with the answer; without an answer the call fails with `failure`.
  void resume(detail::block* answer, const message& failure);
  // The node ends: the continuations are destroyed uncalled.
  void forget() noexcept {
    handler = {};
    on_failure = {};
  }

  const std::uint64_t reply;
  detail::handler_ref on_failure;
  detail::owned* limit = nullptr;  // the timer that makes the call fail; null: there is none
  detail::owned* watch = nullptr;  // the monitor that does
  owned_list monitors;             // of the reply port

 private:
  void fail(const message& reason);
};

}  // namespace aemp::core
