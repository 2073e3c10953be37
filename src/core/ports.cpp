// The life of a port on its worker: birth, handlers, what it owns, and its death.
#include <aemp/log.hpp>

#include "core/extras.hpp"
#include "core/local_node.hpp"
#include "core/worker.hpp"

namespace aemp::core {

bool port_extras::has_plans() const noexcept {
  bool plans = false;
  belongings.for_each([&](const detail::owned& o) {
    using kind = detail::owned::kind;
    plans = plans || o.what == kind::timer || o.what == kind::call || o.what == kind::stream;
  });
  return plans;
}

void worker::open_port(std::uint64_t port, std::string_view name) {
  port_entry& entry = ports_.open(port, port_entry::state::live);
  if (!name.empty()) extras(entry).name = name;
}

port_extras& worker::extras(port_entry& entry) {
  if (entry.extras == nullptr) entry.extras = new port_extras;
  return *entry.extras;
}

void worker::register_handlers(std::uint64_t port, std::span<detail::registration> changes) {
  port_entry* entry = ports_.find(port);
  if (entry == nullptr || entry->what != port_entry::state::live) {
    return node_.report(2, "rcv on ports that do not exist any more", [&] {
      return "rcv on port " + detail::make_local_port(*identity_, port).str() +
             ": the port does not exist any more";
    });
  }
  handler_table* before = entry->handlers;
  entry->handlers = handler_table::with(before, changes);
  if (before != nullptr) before->release();
}

bool worker::own(std::uint64_t port, detail::owned& item) {
  if (port == 0) return true;
  port_entry* entry = ports_.find(port);
  if (entry == nullptr || entry->what != port_entry::state::live) return false;
  extras(*entry).belongings.push(item, item.owner_hook);
  return true;
}

void worker::fire(detail::owned& item, const message& reason) {
  detail::retain(&item);
  detail::block* task =
      detail::make_task([o = handle(&item), item = &item, reason] { happen(*item, reason); });
  task->port = item.owner;
  item.node.worker(item.worker).post(task);
}

void worker::happen(detail::owned& item, const message& reason) {
  if (item.what == detail::owned::kind::node_monitor) {
    if (item.over.load(std::memory_order_acquire)) return;
  } else if (!item.finish()) {
    return;  // cancelled, up to this moment
  } else if (item.owner_hook.linked()) {
    item.owner_hook.unlink();
    detail::release(&item);
  }
  call_back(item, reason);
}

void worker::call_back(detail::owned& item, const message& content) {
  detail::handler& h = *item.handler.get();
  detail::block& b = content.get() != nullptr ? *content.get() : detail::empty_block();
  if (h.ops->call(h, b, 0, nullptr) == detail::outcome::refused) {
    item.node.report(2, item.description(), [&] {
      return item.description() + " does not take '" + content.to_string() +
             "' and was not called; let it take a const message&";
    });
  }
}

port_id worker::id_of(std::uint64_t port, const port_extras* extras) const {
  if (extras != nullptr && !extras->name.empty())
    return detail::make_named_port(identity_->node, extras->name);
  return detail::make_local_port(*identity_, port);
}

void worker::end_port(std::uint64_t port, const message& reason) {
  port_entry* entry = ports_.find(port);
  if (entry == nullptr) return;
  if (entry->what == port_entry::state::reply) return end_call(port, nullptr, reason);
  const std::unique_ptr<port_extras> left(std::exchange(entry->extras, nullptr));
  handler_table* handlers = std::exchange(entry->handlers, nullptr);
  ports_.close(port);
  if (left != nullptr) {
    if (!left->name.empty()) node_.names().has_ended(left->name, port);
    while (detail::owned* o = left->belongings.pop()) {
      detail::cancel(o);
      detail::release(o);
    }
  }
  if (left == nullptr || left->monitors.empty()) {
    if (port == being_born_) node_.remember_stillborn(id_of(port, left.get()), reason);
    if (!reason.empty()) {
      node_.report(2, "ports that died unmonitored", [&] {
        return "port " + id_of(port, left.get()).str() + " died unmonitored: " + reason.to_string();
      });
    }
  } else {
    while (detail::owned* o = left->monitors.pop()) {
      fire(*o, reason);
      detail::release(o);
    }
  }
  // Last, because destroying what a handler captured may do anything.
  if (handlers != nullptr) {
    const std::uint64_t before = std::exchange(running_, 0);
    handlers->release();
    running_ = before;
  }
}

void worker::birth(std::uint64_t port, detail::handler& f, const message& arguments) {
  if (ports_.find(port) == nullptr) return;  // killed before it was born
  being_born_ = port;
  try_birth(port, f, arguments);
  being_born_ = 0;
}

void worker::birth_failed(std::uint64_t port, const message& reason) {
  being_born_ = port;
  end_port(port, reason);
  being_born_ = 0;
}

void worker::try_birth(std::uint64_t port, detail::handler& f, const message& arguments) {
  detail::outcome o = detail::outcome::keep;
  detail::mismatch why;
  in_context(port, [&] {
    detail::block& content = arguments.get() != nullptr ? *arguments.get() : detail::empty_block();
    o = f.ops->call(f, content, 0, &why);
  });
  port_entry* entry = ports_.find(port);
  if (entry == nullptr) return;  // it died of it
  if (o == detail::outcome::refused) {
    return end_port(
        port, message("bad_arguments", "argument " + std::to_string(why.element) + " is " + why.found + ", " +
                                           std::string(why.asked) + " expected"));
  }
  const bool idle = entry->handlers == nullptr && (entry->extras == nullptr || !entry->extras->has_plans());
  if (idle) end_port(port, {});
}

}  // namespace aemp::core
