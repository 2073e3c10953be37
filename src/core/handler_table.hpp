// The handlers of one port, in one small array. To add or remove a handler replaces the array, so a dispatch that is
// under way goes on over the old one. Tags lie first, sorted by key; then patterns that begin with a text, then other
// patterns, then `otherwise`: the order in which they are tried (aemp-protocol A.4). One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <aemp/port.hpp>

namespace aemp::core {

class handler_table {
 public:
  struct entry {
    std::uint64_t key;  // tags
    detail::handler* handler;
  };

  // A new table: `old`, which may be null and is not touched, with the registrations added. A handler_change without a
  // handler removes its tag. Null when no handler is left. Takes the handlers out of the registrations.
  static handler_table* with(const handler_table* old, std::span<detail::handler_change> changes);
  // A new table without the handlers that are marked as removed. Null when nothing is left.
  static handler_table* without_removed(const handler_table& old);

  void retain() noexcept { ++refs_; }
  void release() noexcept {
    if (--refs_ == 0) destroy();
  }

  // The handlers for a tag's key, oldest first; a binary search where a look at each would take longer.
  std::span<const entry> tags(std::uint64_t key) const noexcept {
    const entry* first = entries();
    const entry* const end = first + tags_;
    if (tags_ > few) {
      first = std::lower_bound(first, end, key, [](const entry& e, std::uint64_t k) { return e.key < k; });
    } else {
      while (first != end && first->key != key) ++first;
    }
    const entry* last = first;
    while (last != end && last->key == key) ++last;
    return {first, last};
  }
  // The handler for a tag if it is the only one that could take the message: its key stands for one tag, and there is
  // no second handler and no pattern. Else null.
  detail::handler* only_handler(std::uint64_t key) const noexcept {
    if (patterns_ != 0 || (key & detail::hashed_tag_bit) != 0) return nullptr;
    if (tags_ > few) {
      const std::span<const entry> same = tags(key);
      return same.size() == 1 ? same.front().handler : nullptr;
    }
    const entry* e = entries();
    const entry* const end = e + tags_;
    for (; e != end; ++e) {
      if (e->key == key) return e + 1 == end || e[1].key != key ? e->handler : nullptr;
    }
    return nullptr;
  }
  std::span<const entry> patterns() const noexcept { return {entries() + tags_, std::size_t{patterns_}}; }
  const entry* otherwise() const noexcept { return has_otherwise_ ? entries() + tags_ + patterns_ : nullptr; }

  template <class F>
  void for_each_tag(F&& f) const {
    for (std::uint32_t i = 0; i < tags_; ++i) f(entries()[i]);
  }

  std::size_t size() const noexcept { return tags_ + patterns_ + (has_otherwise_ ? 1 : 0); }

 private:
  static constexpr std::uint32_t few = 8;

  static handler_table* make(const std::vector<entry>& tags, const std::vector<entry>& patterns,
                             detail::handler* otherwise);
  void destroy() noexcept;
  entry* entries() noexcept { return reinterpret_cast<entry*>(this + 1); }
  const entry* entries() const noexcept { return reinterpret_cast<const entry*>(this + 1); }

  std::uint32_t refs_ = 1;
  std::uint16_t size_class_ = 0;
  bool has_otherwise_ = false;
  std::uint32_t tags_ = 0;
  std::uint32_t patterns_ = 0;
};

}  // namespace aemp::core
