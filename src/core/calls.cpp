// The compiled side of include/aemp/call.hpp: how a call begins.
#include <stdexcept>

#include "core/call_record.hpp"
#include "core/local_node.hpp"
#include "core/node_use.hpp"

namespace aemp::detail {

port_id make_reply_port(local_node& node) {
  core::worker& w = node.home_worker();
  return make_local_port(node.identity(), node.here() == &w ? w.ports().take() : w.ports().reserve());
}

namespace {

struct call_request {
  port_id to;
  std::uint64_t reply;
  message request;  // empty: it has been sent
  std::optional<core::duration> limit;
  core::epoch heard;  // by who calls
};

// A call that another thread has asked for. If the node ends before its turn, the continuations are destroyed then.
class call_to_begin {
 public:
  explicit call_to_begin(core::call_record& record) noexcept
      : record_(&record), keep_((retain(&record), &record)) {}
  call_to_begin(call_to_begin&& other) noexcept
      : record_(std::exchange(other.record_, nullptr)), keep_(std::move(other.keep_)) {}
  call_to_begin& operator=(call_to_begin&&) = delete;
  ~call_to_begin() {
    if (record_ != nullptr) record_->forget();
  }
  core::call_record& take() noexcept { return *std::exchange(record_, nullptr); }

 private:
  core::call_record* record_;
  handle keep_;
};

void begin_call(core::worker& w, core::call_record& record, call_request&& r) {
  record.watched = r.to;
  w.ports().open_call(record);
  // Sending has failed, or the port that called has died meanwhile.
  if (record.over.load(std::memory_order_acquire) || !w.ports().own(record.owner, record)) {
    record.finish();
    return w.ports().end_call(r.reply, nullptr, {});
  }
  const std::uint32_t index = w.index();
  local_node* node = &record.node;
  if (r.limit) {
    record.limit =
        new owned(owned::kind::timer, *node, index, 0,
                  handler_ref(make_handler([node, index, reply = r.reply, to = r.to] {
                    node->worker(index).ports().end_call(
                        reply, nullptr, message("timeout", "no reply from " + to.str() + " in time"));
                  })));
    record.limit->due = core::later(w.now(), *r.limit);
    w.timers().add(*record.limit);
  }
  record.watch = new owned(owned::kind::monitor, *node, index, 0,
                           handler_ref(make_handler([node, index, reply = r.reply](const message& reason) {
                             node->worker(index).ports().end_call(reply, nullptr, reason);
                           })));
  record.watch->watched = r.to;
  record.watch->heard = r.heard;
  node->monitors().watch(record.watch);
  if (r.request.get() == nullptr) return;
  try {
    node->send(r.to, r.request.leak());
  } catch (...) {
    record.finish();  // the exception tells the caller, not the continuation
    w.ports().end_call(r.reply, nullptr, {});
    throw;
  }
}

}  // namespace

void check_awaited_here(const port_id& reply) {
  const core::worker* w = core::worker::current();
  if (w != nullptr && w->node().names().is_local(reply) &&
      core::port_number::worker(reply.number()) == w->index())
    return;
  throw std::logic_error(
      "a call is awaited by the worker that made it; this one was made elsewhere: make it in the co_await "
      "expression");
}

owned* start_call(const node_identity& home, const port_id& to, const port_id& reply, block* request,
                  std::optional<std::chrono::nanoseconds> limit, handler_ref on_reply,
                  handler_ref on_failure) {
  call_request r{to, reply.number(), message::adopt(request), limit, {}};
  if (!to) throw std::invalid_argument("cal: the port ID is empty");
  const core::node_use use(home);
  if (!use || use.node().is_shut_down()) return nullptr;
  local_node& node = use.node();
  core::worker& w = node.workers().of(reply.number());
  const bool at_once = node.here() == &w;
  auto* record = new core::call_record(node, w.index(), at_once ? w.running_port() : 0, reply.number(),
                                       std::move(on_reply), std::move(on_failure));
  if (at_once) {
    handle keep(record);
    r.heard = w.heard();
    begin_call(w, *record, std::move(r));
    retain(record);
    return record;
  }
  // Requests and other messages of this thread have to arrive in the order in which it sent them. So it sends the request
  // itself, behind the beginning of the call, where that is certain to be first: on the network worker; and with a port
  // of this node, whose death is told whenever it is watched.
  const bool sends_itself = node.names().is_local(to) || &w == &node.network_worker();
  return node.workers().tagged([&](core::epoch heard) {
    r.heard = heard;
    const message own = sends_itself ? std::exchange(r.request, {}) : message();
    w.post(make_task([&w, call = call_to_begin(*record), r = std::move(r)]() mutable {
      begin_call(w, call.take(), std::move(r));
    }));
    if (!sends_itself) return record;
    try {
      node.send(to, message(own).leak());
    } catch (...) {
      cancel(record);
      release(record);
      throw;
    }
    return record;
  });
}

}  // namespace aemp::detail
