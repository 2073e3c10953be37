#include "core/handler_table.hpp"

#include <algorithm>
#include <new>

namespace aemp::core {
namespace {

using detail::handler_change;

bool is_tag(const handler_table::entry& e, const symbol& tag) {
  return e.key == tag.key() && (tag.is_packed() || *e.handler->long_tag == tag.text());
}

// A table under construction. It begins with the handlers of the old one; each change adds or removes some.
struct draft {
  std::vector<handler_table::entry> tags, patterns;
  detail::handler* otherwise = nullptr;

  explicit draft(const handler_table* old) {
    if (old == nullptr) return;
    old->for_each_tag([&](const handler_table::entry& e) {
      if (!e.handler->removed) tags.push_back(e);
    });
    for (const handler_table::entry& e : old->patterns()) {
      if (!e.handler->removed) patterns.push_back(e);
    }
    if (old->otherwise() != nullptr && !old->otherwise()->handler->removed)
      otherwise = old->otherwise()->handler;
    for (auto& e : tags) ++e.handler->refs;
    for (auto& e : patterns) ++e.handler->refs;
    if (otherwise != nullptr) ++otherwise->refs;
  }

  void apply(handler_change& change) {
    switch (change.what) {
      case handler_change::kind::tag:
        return change.handler ? add_tag(change) : remove_tag(change.tag);
      case handler_change::kind::pattern:
        if (change.handler) add_pattern(change);
        return;
      case handler_change::kind::otherwise:
        if (otherwise != nullptr) drop(otherwise);
        otherwise = change.handler.leak();
        return;
    }
  }

 private:
  static void drop(detail::handler* h) {
    h->removed = true;  // a dispatch that is under way must not call it any more
    detail::release_handler(h);
  }

  void add_tag(handler_change& change) {
    detail::handler* h = change.handler.leak();
    if (!change.tag.is_packed()) h->long_tag = new std::string(change.tag.text());
    const auto at = std::upper_bound(tags.begin(), tags.end(), change.tag.key(),
                                     [](std::uint64_t key, const auto& e) { return key < e.key; });
    tags.insert(at, {change.tag.key(), h});
  }

  void remove_tag(const symbol& tag) {
    std::erase_if(tags, [&](const handler_table::entry& e) {
      if (!is_tag(e, tag)) return false;
      drop(e.handler);
      return true;
    });
  }

  void add_pattern(handler_change& change) {
    detail::handler* h = change.handler.leak();
    h->match = change.match.release();
    h->has_pattern = true;
    auto at = patterns.end();
    if (h->match->begins_with_text()) {
      at = std::find_if(patterns.begin(), patterns.end(),
                        [](const auto& e) { return !e.handler->match->begins_with_text(); });
    }
    patterns.insert(at, {0, h});
  }
};

}  // namespace

handler_table* handler_table::make(const std::vector<entry>& tags, const std::vector<entry>& patterns,
                                   detail::handler* otherwise) {
  const std::size_t size = tags.size() + patterns.size() + (otherwise != nullptr ? 1 : 0);
  if (size == 0) return nullptr;
  std::uint16_t size_class;
  void* memory = detail::allocate(sizeof(handler_table) + size * sizeof(entry), size_class);
  auto* table = ::new (memory) handler_table;
  table->size_class_ = size_class;
  table->tags_ = static_cast<std::uint32_t>(tags.size());
  table->patterns_ = static_cast<std::uint32_t>(patterns.size());
  table->has_otherwise_ = otherwise != nullptr;
  entry* out = std::copy(tags.begin(), tags.end(), table->entries());
  out = std::copy(patterns.begin(), patterns.end(), out);
  if (otherwise != nullptr) *out = {0, otherwise};
  return table;
}

// One handler on a new port is the common case, and needs no draft.
handler_table* handler_table::with(const handler_table* old, std::span<handler_change> changes) {
  if (old == nullptr && changes.size() == 1 && changes[0].handler &&
      changes[0].what != handler_change::kind::pattern &&
      (changes[0].what == handler_change::kind::otherwise || changes[0].tag.is_packed())) {
    std::uint16_t size_class;
    void* memory = detail::allocate(sizeof(handler_table) + sizeof(entry), size_class);
    auto* table = ::new (memory) handler_table;
    table->size_class_ = size_class;
    table->has_otherwise_ = changes[0].what == handler_change::kind::otherwise;
    table->tags_ = table->has_otherwise_ ? 0 : 1;
    *table->entries() = {changes[0].tag.key(), changes[0].handler.leak()};
    return table;
  }
  draft d(old);
  for (handler_change& change : changes) d.apply(change);
  return make(d.tags, d.patterns, d.otherwise);
}

handler_table* handler_table::without_removed(const handler_table& old) {
  draft d(&old);
  return make(d.tags, d.patterns, d.otherwise);
}

void handler_table::destroy() noexcept {
  for (std::size_t i = 0; i < size(); ++i) detail::release_handler(entries()[i].handler);
  const std::uint16_t size_class = size_class_;
  this->~handler_table();
  detail::deallocate(this, size_class);
}

}  // namespace aemp::core
