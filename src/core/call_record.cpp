#include "core/call_record.hpp"

#include "core/call_failure.hpp"
#include "core/node_context.hpp"

namespace aemp::core {

call_record::~call_record() {
  if (limit != nullptr) detail::release(limit);
  if (watch != nullptr) detail::release(watch);
}

void call_record::unlink_all() {
  monitors.fire_all({});
  if (limit != nullptr) detail::cancel(limit);
  if (watch != nullptr) detail::cancel(watch);
  leave_owner();
}

void call_record::resume(detail::block* answer, const message& failure) {
  if (answer == nullptr) return fail(failure);
  if (const auto reason = failure_in(*answer)) return fail(*reason);
  detail::handler* h = handler.get();
  if (h == nullptr) return;
  detail::mismatch why;
  if (h->ops->call(*h, *answer, 0, &why) == detail::outcome::refused) {
    fail(message("bad_reply", "element " + std::to_string(why.element) + " of the reply is " + why.found +
                                  ", " + std::string(why.asked) + " expected"));
  }
}

void call_record::fail(const message& reason) {
  detail::handler* h = on_failure.get();
  if (h == nullptr) {
    return context_of(node).report(2, "calls that failed", [&] {
      return "call to " + watched.str() + " failed: " + reason.to_string();
    });
  }
  detail::block& content = reason.get() != nullptr ? *reason.get() : detail::empty_block();
  if (h->ops->call(*h, content, 0, nullptr) == detail::outcome::refused) {
    context_of(node).report(2, "calls whose failure was not taken", [&] {
      return "the continuation of a call to " + watched.str() + " does not take its failure '" +
             reason.to_string() + "'; let it take a const message&";
    });
  }
}

}  // namespace aemp::core
