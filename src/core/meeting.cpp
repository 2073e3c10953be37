#include "core/meeting.hpp"

namespace aemp::core {

using detail::block;
using detail::outcome;

namespace {

// Whether a handler is for the message's tag, given that it has the tag's key: two long tags may share a key.
bool is_for_tag(const detail::handler& h, const block& content) {
  return h.long_tag == nullptr || *h.long_tag == content.ops->tag(content);
}

}  // namespace

void meeting::offer(detail::handler& h, std::size_t skip) {
  if (h.removed) return;
  const outcome o = h.ops->call(h, content, skip, nullptr);
  taken |= o != outcome::refused;
  if (o == outcome::done) removed = h.removed = true;
}

// Only the last handler may move the elements out of the message. The others see a second reference, and copy.
void meeting::offer_to_others(detail::handler& h, std::size_t skip) {
  content.refs.fetch_add(1, std::memory_order_relaxed);
  const message held = message::adopt(&content);
  offer(h, skip);
}

void meeting::offer_all(const handler_table& table) {
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

// Asks the handlers again, this time for their reasons.
std::string why_not_taken(const handler_table* table, block& content) {
  if (table == nullptr) return "no handler";
  detail::mismatch mismatch;
  const auto candidates = table->tags(content.key);
  if (content.key != 0 && !candidates.empty() && is_for_tag(*candidates.back().handler, content)) {
    candidates.back().handler->ops->call(*candidates.back().handler, content, 1, &mismatch);
  } else if (const handler_table::entry* rest = table->otherwise()) {
    rest->handler->ops->call(*rest->handler, content, 0, &mismatch);
  }
  if (mismatch.found.empty()) return "no handler";
  return "element " + std::to_string(mismatch.element) + " is " + mismatch.found + ", " +
         std::string(mismatch.asked) + " expected";
}

}  // namespace aemp::core
