// Calls on the worker they were made on. The reply port is an entry of the port table that points to the
// call, so a reply costs no handler table; it is gone with the first reply, so later ones find nothing.
#include <stdexcept>

#include <aemp/log.hpp>

#include "core/extras.hpp"
#include "core/local_node.hpp"
#include "core/node_use.hpp"
#include "core/worker.hpp"

namespace aemp::core {

call_record::~call_record() {
  if (limit != nullptr) detail::release(limit);
  if (watch != nullptr) detail::release(watch);
}

// Takes a reference of its own.
void worker::open_call(call_record& record) {
  port_entry& entry = ports_.open(record.reply, port_entry::state::reply);
  entry.call = &record;
  detail::retain(&record);
}

// Without an answer, the call fails with `failure`.
void worker::end_call(std::uint64_t reply, detail::block* answer, const message& failure) {
  port_entry* entry = ports_.find(reply);
  if (entry == nullptr || entry->what != port_entry::state::reply) return;
  call_record* record = std::exchange(entry->call, nullptr);
  const handle keep(record);
  ports_.close(reply);
  while (detail::owned* o = record->monitors.pop()) {
    fire(*o, {});
    detail::release(o);
  }
  if (record->limit != nullptr) detail::cancel(record->limit);
  if (record->watch != nullptr) detail::cancel(record->watch);
  if (record->owner_hook.linked()) {
    record->owner_hook.unlink();
    detail::release(record);
  }
  if (!record->finish() || node_.is_shut_down()) return;

  const auto fail = [&](const message& reason) {
    if (detail::handler* h = record->on_failure.get()) {
      detail::block& content = reason.get() != nullptr ? *reason.get() : detail::empty_block();
      if (h->ops->call(*h, content, 0, nullptr) == detail::outcome::refused) {
        node_.report(2, "calls whose failure was not taken", [&] {
          return "the failure of a call to " + record->watched.str() + ", '" + reason.to_string() +
                 "', is not taken by its continuation; let that take a const message&";
        });
      }
    } else {
      node_.report(2, "calls that failed",
                   [&] { return "call to " + record->watched.str() + " failed: " + reason.to_string(); });
    }
  };
  in_context(record->owner, [&] {
    if (answer == nullptr) return fail(failure);
    detail::handler* h = record->handler.get();
    if (h == nullptr) return;
    detail::mismatch why;
    if (h->ops->call(*h, *answer, 0, &why) == detail::outcome::refused) {
      fail(message("bad_reply", "element " + std::to_string(why.element) + " of the reply is " + why.found +
                                    ", " + std::string(why.asked) + " expected"));
    }
  });
}

}  // namespace aemp::core

namespace aemp::detail {

port_id make_reply_port(local_node& node) {
  core::worker& w = node.home_worker();
  return make_local_port(node.identity(), node.here() == &w ? w.ports().take() : w.ports().reserve());
}

namespace {

struct call_request {
  port_id to;
  std::uint64_t reply;
  message request;
  std::optional<core::duration> limit;
};

void begin_call(core::worker& w, core::call_record& record, call_request&& r) {
  record.watched = r.to;
  w.open_call(record);
  if (!w.own(record.owner, record)) {  // the port that called has died meanwhile
    record.finish();
    return w.end_call(r.reply, nullptr, {});
  }
  const std::uint32_t index = w.index();
  local_node* node = &record.node;
  if (r.limit) {
    record.limit =
        new owned(owned::kind::timer, *node, index, 0,
                  handler_ref(make_handler([node, index, reply = r.reply, to = r.to] {
                    node->worker(index).end_call(
                        reply, nullptr, message("timeout", "no reply from " + to.str() + " in time"));
                  })));
    record.limit->due = core::later(w.now(), *r.limit);
    w.timer_queue().add(*record.limit);
  }
  record.watch = new owned(owned::kind::monitor, *node, index, 0,
                           handler_ref(make_handler([node, index, reply = r.reply](const message& reason) {
                             node->worker(index).end_call(reply, nullptr, reason);
                           })));
  record.watch->watched = r.to;
  record.watch->heard = w.heard();
  node->watch(record.watch);
  try {
    node->send(r.to, r.request.leak());
  } catch (...) {
    record.finish();  // the caller hears of it by the exception
    w.end_call(r.reply, nullptr, {});
    throw;
  }
}

}  // namespace

void start_call(const node_identity& home, const port_id& to, const port_id& reply, block* request,
                std::optional<std::chrono::nanoseconds> limit, handler_ref on_reply, handler_ref on_failure) {
  call_request r{to, reply.number(), message::adopt(request), limit};
  if (!to) throw std::invalid_argument("cal: the port ID is empty");
  const core::node_use use(home);
  if (!use || use.node().is_shut_down()) return;
  local_node& node = use.node();
  core::worker& w = node.worker_of(reply.number());
  const bool at_once = node.here() == &w;
  auto* record = new core::call_record(node, w.index(), at_once ? w.running_port() : 0, reply.number(),
                                       std::move(on_reply), std::move(on_failure));
  handle keep(record);
  if (at_once) return begin_call(w, *record, std::move(r));
  w.post(make_task([&w, record, keep = std::move(keep), r = std::move(r)]() mutable {
    begin_call(w, *record, std::move(r));
  }));
}

}  // namespace aemp::detail
