// How a message meets the handlers of its port. The order is that of the seed version (aemp-protocol A.4):
// handlers of the tag, patterns that begin with a text, other patterns; all that match run; `otherwise` only
// when none did.
#include <exception>

#include <aemp/log.hpp>

#include "core/extras.hpp"
#include "core/local_node.hpp"
#include "core/trace.hpp"
#include "core/worker.hpp"

namespace aemp::core {

using detail::block;
using detail::outcome;

// The fast path: a tag that has one handler, and nothing else that could want the message. Everything else,
// and every complication, is left to deliver().
[[gnu::always_inline]] inline bool worker::deliver_to_tag(port_entry& entry, std::uint64_t port,
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
  return false;  // refused: nothing has happened yet
}

void worker::dispatch_all() {
  if (tracing_) [[unlikely]]
    return dispatch_batch<true>();
  dispatch_batch<false>();
}

void worker::trace_received(block& b) {
  const port_entry* entry = ports_.find(b.port);
  const bool live = entry != nullptr && entry->what == port_entry::state::live;
  trace("RCV", id_of(b.port, live ? entry->extras : nullptr).str(), b);
}

// Until the queue is empty, or it is time for timers and the network: after some milliseconds, or, because
// most handlers are cheap and a turn should be, after some hundred messages.
template <bool Traced>
void worker::dispatch_batch() {
  constexpr unsigned most_lots = 128;
  unsigned left = 1;
  for (unsigned lot = 0; lot < most_lots && left != 0; ++lot) {
    const unsigned size = left;
    block* b = nullptr;
    for (; left != 0 && (b = queue_.pop()) != nullptr; --left) dispatch<Traced>(*b);
    delivered_ += size - left;
    if (b == nullptr) return;
    left = slice_.allowance();
  }
}

template <bool Traced>
[[gnu::always_inline]] inline void worker::dispatch(block& b) {
  if constexpr (Traced) trace_received(b);
  if (b.what == block::kind::typed || b.what == block::kind::values) [[likely]] {
    port_entry* entry = ports_.find(b.port);
    if (entry == nullptr || entry->what != port_entry::state::live || !deliver_to_tag(*entry, b.port, b))
        [[unlikely]] {
      dispatch_message(b.port, b);
    }
    detail::release(b);
  } else if (b.what == block::kind::task) {
    run_task(b);
  } else {
    dispatch_message(b.port, *static_cast<detail::shared_block&>(b).message);
    detail::release(b);
  }
}

void worker::dispatch_message(std::uint64_t port, block& content) {
  port_entry* entry = ports_.find(port);
  if (entry != nullptr) {
    if (entry->what == port_entry::state::live) return deliver(*entry, port, content);
    return end_call(port, &content, {});
  }
  if (port == 0) {
    detail::borrowed_message m(&content);
    in_context(0, [&] { node_.node_message(m.get(), nullptr); });
  }
}

void worker::remove_done_handlers(port_entry& entry, std::uint64_t port) {
  if (ports_.find(port) != &entry || entry.handlers == nullptr) return;
  handler_table* left = handler_table::without_removed(*entry.handlers);
  std::exchange(entry.handlers, left)->release();
}

namespace {

// Of handlers with the key of the message's tag: whether it is their tag, too.
bool is_for_tag(const detail::handler& h, const block& content) {
  return h.long_tag == nullptr || *h.long_tag == content.ops->tag(content);
}

// What one message meets at one port.
struct meeting {
  block& content;
  bool taken = false;
  bool removed = false;

  void offer(detail::handler& h, std::size_t skip) {
    if (h.removed) return;
    const outcome o = h.ops->call(h, content, skip, nullptr);
    taken |= o != outcome::refused;
    if (o == outcome::done) removed = h.removed = true;
  }

  // Only the last handler may have the elements for itself, so the others find that somebody else holds the
  // message.
  void offer_to_others(detail::handler& h, std::size_t skip) {
    content.refs.fetch_add(1, std::memory_order_relaxed);
    const message held = message::adopt(&content);
    offer(h, skip);
  }

  void offer_all(const handler_table& table) {
    detail::handler* last = nullptr;
    std::size_t skip_of_last = 0;
    const auto next = [&](detail::handler& h, std::size_t skip) {
      if (last != nullptr) offer_to_others(*last, skip_of_last);
      last = &h;
      skip_of_last = skip;
    };
    if (content.key != 0) {
      for (const handler_table::entry& e : table.tags(content.key)) {
        if (is_for_tag(*e.handler, content)) next(*e.handler, 1);
      }
    }
    for (const handler_table::entry& e : table.patterns()) {
      detail::borrowed_message m(&content);
      if (e.handler->match->matches(m.get())) next(*e.handler, 0);
    }
    if (last != nullptr) offer(*last, skip_of_last);
    if (!taken && table.otherwise() != nullptr) offer(*table.otherwise()->handler, 0);
  }
};

}  // namespace

void worker::deliver(port_entry& entry, std::uint64_t port, block& content) {
  handler_table* table = entry.handlers;
  if (table == nullptr) return report_drop(entry, port, content);
  meeting m{content};
  table->retain();
  in_context(port, [&] { m.offer_all(*table); });
  table->release();
  if (m.removed) remove_done_handlers(entry, port);
  if (!m.taken && ports_.find(port) == &entry) report_drop(entry, port, content);
}

// Asks the handlers again, now for their reasons, and only when somebody will read them: the first time, and
// then each time the number of dropped messages has doubled.
void worker::report_drop(port_entry& entry, std::uint64_t port, block& content) {
  constexpr int level = 5;
  ++entry.dropped;
  if (!std::has_single_bit(entry.dropped) || !log_enabled(level)) return;
  content.refs.fetch_add(1, std::memory_order_relaxed);  // so that nobody takes it after all
  const message m = message::adopt(&content);
  std::string why = "no handler";
  if (entry.handlers != nullptr) {
    detail::mismatch mismatch;
    const auto candidates = entry.handlers->tags(content.key);
    if (content.key != 0 && !candidates.empty() && is_for_tag(*candidates.back().handler, content)) {
      candidates.back().handler->ops->call(*candidates.back().handler, content, 1, &mismatch);
    } else if (const handler_table::entry* rest = entry.handlers->otherwise()) {
      rest->handler->ops->call(*rest->handler, content, 0, &mismatch);
    }
    if (!mismatch.found.empty()) {
      why = "element " + std::to_string(mismatch.element) + " is " + mismatch.found + ", " +
            std::string(mismatch.asked) + " expected";
    }
  }
  const std::string tag = m.empty() ? "(empty)" : m[0].to_string().substr(0, 64);
  const std::string name = "port " + id_of(port, entry.extras).str();
  node_.report(level, name, [&] {
    return name + " dropped a message '" + tag + "': " + why + " (" + std::to_string(entry.dropped) +
           " dropped so far)";
  });
}

namespace {

// Of the exception that is being handled.
std::string text_of_exception() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

void worker::handle_exception(std::uint64_t port) noexcept {
  if (port == 0) return handle_exception_in("a function outside of all ports");
  end_port(port, message("die", text_of_exception()));
}

void worker::handle_exception_in(std::string_view what) noexcept {
  node_.count_internal_error();
  const std::string text = text_of_exception();
  node_.report(1, what, [&] {
    return "internal_error: exception in " + std::string(what) + " of node " + node_.id() + ": " + text;
  });
}

}  // namespace aemp::core
