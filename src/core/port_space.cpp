#include "core/port_space.hpp"

#include <bit>
#include <memory>
#include <stdexcept>
#include <vector>

#include <aemp/log.hpp>

#include "core/call_record.hpp"
#include "core/conversation.hpp"
#include "core/extras.hpp"
#include "core/meeting.hpp"
#include "core/trace.hpp"

namespace aemp::core {

using detail::block;
using detail::outcome;

// ---- messages ----

// The fast path, for a tag with one handler when no other handler could want the message. False: deliver() must do it,
// and no handler has run.
[[gnu::always_inline]] inline bool port_space::deliver_to_tag(port_entry& entry, std::uint64_t port,
                                                              block& content) {
  handler_table* table = entry.handlers;
  if (table == nullptr) return false;
  detail::handler* h = table->only_handler(content.key);
  if (h == nullptr) return false;
  table->retain();  // the handler may replace the table of its own port
  running_ = port;
  outcome o = outcome::keep;
  try {
    o = h->ops->call(*h, content, 1, nullptr);
  } catch (...) {
    handle_exception(port);
  }
  running_ = 0;
  if (o == outcome::done) h->removed = true;
  table->release();
  if (o == outcome::keep) [[likely]]
    return true;
  if (o == outcome::done) {
    remove_done_handlers(entry, port);
    return true;
  }
  return false;  // refused: no handler has run yet
}

inline bool port_space::offer_to_coroutines(port_entry& entry, block& content) {
  conversation* const c = entry.extras == nullptr ? nullptr : entry.extras->coroutines;
  return c != nullptr && c->offer(content);
}

inline void port_space::deliver(port_entry& entry, std::uint64_t port, block& content) {
  if (entry.handlers != nullptr && offer_to_handlers(entry, port, content)) return;
  if (!offer_to_coroutines(entry, content)) report_drop(entry, port, content);
}

void port_space::dispatch_all(bool traced) {
  if (reception_.is_counting(queue_)) [[unlikely]]
    return traced ? dispatch_batch<true, true>() : dispatch_batch<false, true>();
  if (traced) [[unlikely]]
    return dispatch_batch<true, false>();
  dispatch_batch<false, false>();
}

// A turn ends when its time is over, or after 128 lots: about a thousand messages where handlers are cheap. So such a
// turn is short.
template <bool Traced, bool Counting>
void port_space::dispatch_batch() {
  constexpr unsigned most_lots = 128;
  unsigned left = 1;
  for (unsigned lot = 0; lot < most_lots && left != 0; ++lot) {
    const unsigned size = left;
    block* b = nullptr;
    if constexpr (Counting) {
      for (; left != 0; --left) {
        if (queue_.counted() == 0 || left == size) reception_.take_in();
        b = queue_.pop_counted();
        if (b == nullptr) break;
        if (reception_.take_out(*b)) dispatch<Traced>(*b);
      }
    } else {
      for (; left != 0 && (b = queue_.incoming().pop()) != nullptr; --left) dispatch<Traced>(*b);
    }
    delivered_ += size - left;
    if (b == nullptr) return;
    left = slice_.allowance();
  }
}

template <bool Traced>
[[gnu::always_inline]] inline void port_space::dispatch(block& b) {
  if constexpr (Traced) trace("RCV", id_of(b.port).str(), b);
  if (b.what == block::kind::typed || b.what == block::kind::values) [[likely]] {
    port_entry* entry = table_.find(b.port);
    if (entry == nullptr || entry->what != port_entry::state::live) [[unlikely]] {
      dispatch_message(b.port, b);
    } else if (!deliver_to_tag(*entry, b.port, b)) [[unlikely]] {
      deliver(*entry, b.port, b);
    }
    detail::release(b);
  } else if (b.what == block::kind::task) {
    run_task(b);
  } else {
    dispatch_message(b.port, *static_cast<detail::shared_block&>(b).message);
    detail::release(b);
  }
}

void port_space::dispatch_message(std::uint64_t port, block& content) {
  port_entry* entry = table_.find(port);
  if (entry != nullptr) {
    if (entry->what == port_entry::state::limited && deliver_to_tag(*entry, port, content)) return;
    if (entry->is_port()) return deliver(*entry, port, content);
    return end_call(port, &content, {});
  }
  if (port == 0) {
    detail::borrowed_message m(&content);
    in_context(0, [&] { node_.to_node_port(m.get()); });
  }
}

void port_space::remove_done_handlers(port_entry& entry, std::uint64_t port) {
  if (table_.find(port) != &entry || entry.handlers == nullptr) return;
  handler_table* left = handler_table::without_removed(*entry.handlers);
  std::exchange(entry.handlers, left)->release();
}

// True: a handler took the message, or the port ended while they ran.
[[gnu::noinline]] bool port_space::offer_to_handlers(port_entry& entry, std::uint64_t port, block& content) {
  handler_table* const table = entry.handlers;
  meeting m{content};
  table->retain();
  in_context(port, [&] { m.offer_all(*table); });
  table->release();
  if (m.removed) remove_done_handlers(entry, port);
  return m.taken || table_.find(port) != &entry;
}

// Finding the reason costs a second look at the handlers. So the port reports the first message that it drops, and then
// one each time their number has doubled.
void port_space::report_drop(port_entry& entry, std::uint64_t port, block& content) {
  constexpr int level = 5;
  ++entry.dropped;
  if (!std::has_single_bit(entry.dropped) || !log_enabled(level)) return;
  content.refs.fetch_add(1, std::memory_order_relaxed);  // so that no handler moves the elements out
  const message m = message::adopt(&content);
  const std::string why = why_not_taken(entry.handlers, content);
  const std::string tag = m.empty() ? "(empty)" : m[0].to_string().substr(0, 64);
  const std::string name = "port " + id_of(port, entry.extras).str();
  node_.report(level, name, [&] {
    return name + " dropped a message '" + tag + "': " + why + " (" + std::to_string(entry.dropped) +
           " dropped so far)";
  });
}

void port_space::run_task(block& b) {
  if (b.port == 0 || table_.find(b.port) != nullptr) {
    in_context(b.port, [&] { b.work->run(b); });
  }
  detail::release(b);
}

void port_space::handle_exception(std::uint64_t port) noexcept {
  if (port == 0) return node_.report_exception("a function outside of all ports", identity_->node);
  end(port, reason_of_exception());
}

// ---- birth ----

port_entry& port_space::open(std::uint64_t port, std::string_view name) {
  port_entry& entry = table_.open(port, port_entry::state::live);
  if (!name.empty()) extras(entry).made_rare().name = name;
  return entry;
}

port_extras& port_space::extras(port_entry& entry) {
  if (entry.extras == nullptr) entry.extras = new port_extras;
  return *entry.extras;
}

void port_space::begin_coroutine(task<void> root, detail::handler* keep) {
  const std::uint64_t port = running_;
  port_entry* const entry = table_.find(port);
  if (entry == nullptr)
    throw std::logic_error("a coroutine was begun outside of ports: only a port can run it");
  conversation*& of = extras(*entry).coroutines;
  if (of == nullptr) of = new conversation(*this, port);
  of->begin(std::move(root), keep, port == being_born_);
}

void port_space::register_handlers(std::uint64_t port, std::span<detail::handler_change> changes) {
  port_entry* entry = table_.find(port);
  if (entry == nullptr || !entry->is_port()) {
    return node_.report(2, "rcv on ports that do not exist any more", [&] {
      return "rcv on port " + detail::make_local_port(*identity_, port).str() +
             ": the port does not exist any more";
    });
  }
  handler_table* before = entry->handlers;
  entry->handlers = handler_table::with(before, changes);
  if (before != nullptr) before->release();
}

bool port_space::own(std::uint64_t port, detail::owned& item) {
  if (port == 0) return true;
  port_entry* entry = table_.find(port);
  if (entry == nullptr || !entry->is_port()) return false;
  extras(*entry).belongings.push(item, item.owner_hook);
  return true;
}

void port_space::open_call(call_record& record) {
  port_entry& entry = table_.open(record.reply, port_entry::state::reply);
  entry.call = &record;
  detail::retain(&record);
}

void port_space::birth(std::uint64_t port, detail::handler& f, const message& arguments) {
  if (table_.find(port) == nullptr) return;  // killed before it was born
  being_born_ = port;
  try_birth(port, f, arguments);
  being_born_ = 0;
}

void port_space::birth_failed(std::uint64_t port, const message& reason) {
  being_born_ = port;
  end(port, reason);
  being_born_ = 0;
}

void port_space::try_birth(std::uint64_t port, detail::handler& f, const message& arguments) {
  outcome o = outcome::keep;
  detail::mismatch why;
  in_context(port, [&] {
    block& content = arguments.get() != nullptr ? *arguments.get() : detail::empty_block();
    o = f.ops->call(f, content, 0, &why);
  });
  port_entry* entry = table_.find(port);
  if (entry == nullptr) return;  // the function has ended the port
  if (o == outcome::refused) {
    return end(port, message("bad_arguments", "argument " + std::to_string(why.element) + " is " + why.found +
                                                  ", " + std::string(why.asked) + " expected"));
  }
  const bool idle = entry->handlers == nullptr && (entry->extras == nullptr || !entry->extras->has_plans());
  if (idle) end(port, {});
}

// ---- death ----

void port_space::end(std::uint64_t port, const message& reason) {
  port_entry* entry = table_.find(port);
  if (entry == nullptr) return;
  if (entry->what == port_entry::state::reply) return end_call(port, nullptr, reason);
  std::unique_ptr<port_extras> left(std::exchange(entry->extras, nullptr));
  handler_table* handlers = std::exchange(entry->handlers, nullptr);
  reception_.port_ended(entry->what);
  table_.close(port);
  if (left != nullptr) {
    if (const std::string* const name = left->name()) node_.name_ended(*name, port);
    while (detail::owned* o = left->belongings.pop()) {
      detail::cancel(o);
      detail::release(o);
    }
  }
  fire_monitors(left.get(), port, reason);
  // This comes last: handlers capture and coroutines hold objects of users, whose destructors may do anything.
  const std::uint64_t before = std::exchange(running_, 0);
  left.reset();
  if (handlers != nullptr) handlers->release();
  running_ = before;
}

void port_space::fire_monitors(port_extras* of, std::uint64_t port, const message& reason) {
  if (of != nullptr && !of->monitors.empty()) return of->monitors.fire_all(reason);
  if (port == being_born_) node_.was_stillborn(id_of(port, of), reason);
  if (reason.empty() || reason[0] == value("shutdown")) return;  // as it was meant to
  node_.report(2, "ports that died unmonitored",
               [&] { return "port " + id_of(port, of).str() + " died unmonitored: " + reason.to_string(); });
}

void port_space::end_call(std::uint64_t reply, block* answer, const message& failure) {
  port_entry* entry = table_.find(reply);
  if (entry == nullptr || entry->what != port_entry::state::reply) return;
  call_record* record = std::exchange(entry->call, nullptr);
  const handle keep(record);
  table_.close(reply);
  record->unlink_all();
  if (!record->finish()) return;
  if (node_.is_shut_down()) return record->forget();
  in_context(record->owner, [&] { record->resume(answer, failure); });
}

void port_space::end_all() {
  std::vector<std::uint64_t> ports;
  table_.for_each([&](std::uint64_t port) { ports.push_back(port); });
  for (const std::uint64_t port : ports) end(port, {});
}

port_id port_space::id_of(std::uint64_t port, const port_extras* extras) const {
  if (extras != nullptr && extras->name() != nullptr)
    return detail::make_named_port(identity_->node, *extras->name());
  return detail::make_local_port(*identity_, port);
}

port_id port_space::id_of(std::uint64_t port) {
  const port_entry* entry = table_.find(port);
  return id_of(port, entry != nullptr && entry->is_port() ? entry->extras : nullptr);
}

}  // namespace aemp::core
