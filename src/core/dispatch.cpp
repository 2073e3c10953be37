// How a message meets the handlers of its port. The order is that of the seed version (aemp-protocol A.4): handlers of the tag, patterns
// that begin with a text, other patterns; all that match run; `otherwise` only when none did.
#include <exception>

#include <aemp/log.hpp>

#include "core/extras.hpp"
#include "core/local_node.hpp"
#include "core/worker.hpp"

namespace aemp::core {

using detail::block;
using detail::outcome;

void worker::dispatch(block& b) {
  ++delivered_;
  if (b.what == block::kind::task) return run_task(b);
  block& content = b.what == block::kind::shared ? *static_cast<detail::shared_block&>(b).message : b;
  dispatch_message(b.port, content);
  detail::release(b);
}

void worker::dispatch_message(std::uint64_t port, block& content) {
  port_entry* entry = ports_.find(port);
  if (entry != nullptr) [[likely]] {
    if (entry->what == port_entry::state::live) [[likely]] return deliver(*entry, port, content);
    return end_call(port, &content, {});
  }
  if (port == 0) {
    detail::borrowed_message m(&content);
    in_context(0, [&] { node_.node_message(m.get()); });
  }
}

namespace {

// What one message meets at one port.
class meeting {
 public:
  meeting(handler_table& table, block& content) noexcept : table_(table), content_(content) { table_.retain(); }
  meeting(const meeting&) = delete;
  meeting& operator=(const meeting&) = delete;
  ~meeting() { table_.release(); }

  void run() {
    if (content_.key != 0) {
      for (const handler_table::entry& e : table_.tags(content_.key)) {
        if (e.handler->long_tag == nullptr || *e.handler->long_tag == content_.ops->tag(content_)) offer(*e.handler, 1);
      }
    }
    for (const handler_table::entry& e : table_.patterns()) {
      if (matches(*e.handler)) offer(*e.handler, 0);
    }
    if (!taken && table_.otherwise() != nullptr) offer(*table_.otherwise()->handler, 0);
  }

  bool taken = false;
  bool removed = false;

 private:
  bool matches(const detail::handler& h) {
    detail::borrowed_message m(&content_);
    return h.match->matches(m.get());
  }

  void offer(detail::handler& h, std::size_t skip) {
    if (h.removed) return;
    const outcome o = h.ops->call(h, content_, skip, nullptr);
    if (o == outcome::refused) return;
    taken = true;
    if (o == outcome::done) removed = h.removed = true;
  }

  handler_table& table_;
  block& content_;
};

}  // namespace

void worker::deliver(port_entry& entry, std::uint64_t port, block& content) {
  if (entry.handlers == nullptr) return report_drop(entry, port, content);
  meeting m(*entry.handlers, content);
  in_context(port, [&] { m.run(); });
  if (m.taken && !m.removed) [[likely]] return;
  if (ports_.find(port) != &entry) return;  // it died of it
  if (m.removed && entry.handlers != nullptr) {
    handler_table* left = handler_table::without_removed(*entry.handlers);
    std::exchange(entry.handlers, left)->release();
  }
  if (!m.taken) report_drop(entry, port, content);
}

// Asks the handlers again, now for their reasons, and only when somebody will read them: the first time, and then each time the
// number of dropped messages has doubled.
void worker::report_drop(port_entry& entry, std::uint64_t port, block& content) {
  constexpr int level = 5;
  ++entry.dropped;
  if (!std::has_single_bit(entry.dropped) || !log_enabled(level)) return;
  std::string why = "no handler";
  if (entry.handlers != nullptr) {
    detail::mismatch mismatch;
    const auto candidates = entry.handlers->tags(content.key);
    const detail::handler* last = nullptr;
    if (content.key != 0 && !candidates.empty()) {
      last = candidates.back().handler;
      candidates.back().handler->ops->call(*candidates.back().handler, content, 1, &mismatch);
    } else if (entry.handlers->otherwise() != nullptr) {
      last = entry.handlers->otherwise()->handler;
      last->ops->call(*entry.handlers->otherwise()->handler, content, 0, &mismatch);
    }
    if (last != nullptr && !mismatch.found.empty()) {
      why = "element " + std::to_string(mismatch.element) + " is " + mismatch.found + ", " +
            std::string(mismatch.asked) + " expected";
    }
  }
  detail::borrowed_message m(&content);
  const std::string tag = m.get().empty() ? "(empty)" : m.get()[0].to_string().substr(0, 64);
  log(level, "port " + detail::make_local_port(*identity_, port).str() + " dropped a message '" + tag + "': " + why +
                 " (" + std::to_string(entry.dropped) + " dropped so far)");
}

void worker::handle_exception(std::uint64_t port) noexcept {
  std::string text;
  try {
    throw;
  } catch (const std::exception& e) {
    text = e.what();
  } catch (...) {
    text = "an exception that is no std::exception";
  }
  if (port == 0) {
    log(1, "exception outside a port of node " + node_.id() + ": " + text);
  } else {
    end_port(port, message("die", text));
  }
}

}  // namespace aemp::core
