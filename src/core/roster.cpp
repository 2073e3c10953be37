#include "core/roster.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "core/words.hpp"

namespace aemp::core {

std::optional<port_id> member_of(std::string_view key) {
  const std::size_t hash = key.find('#');
  if (hash == std::string_view::npos || !is_node_name(key.substr(0, hash)) || !is_name(key.substr(hash + 1)))
    return {};
  auto id = port_id::parse(key);
  if (!id) return {};
  return std::move(*id);
}

bool roster::fill(const family_content& group, std::size_t most) {
  if (complete_) return true;
  auto at = last_.empty() ? group.begin() : group.upper_bound(last_);
  for (; at != group.end() && most != 0; ++at, --most) {
    last_ = at->first;
    if (auto port = member_of(at->first)) filling_.emplace_back(*port);
  }
  if (at != group.end()) return false;
  complete_ = true;
  ports_ = value(std::exchange(filling_, {}));
  return true;
}

// Makes a new list in one pass: messages in flight may share the old one.
void roster::change(const std::set<std::string>& added, const std::set<std::string>& deleted) {
  // Sorted by text, as the keys of the group are. Port IDs would sort in another order.
  std::map<std::string, std::pair<port_id, bool>> edits;
  const auto note = [&](const std::set<std::string>& keys, bool is_member) {
    for (const std::string& key : keys) {
      if (is_behind(key)) continue;
      if (auto port = member_of(key)) edits.emplace(key, std::pair(std::move(*port), is_member));
    }
  };
  note(added, true);
  note(deleted, false);
  if (edits.empty()) return;
  const value::array& before = complete_ ? ports_.elements() : filling_;
  value::array now;
  now.reserve(before.size() + added.size());
  auto from = before.begin();
  for (const auto& [key, edit] : edits) {
    const auto place = std::lower_bound(
        from, before.end(), key, [](const value& v, const std::string& k) { return v.port().str() < k; });
    now.insert(now.end(), from, place);
    from = place;
    if (from != before.end() && from->port() == edit.first) ++from;
    if (edit.second) now.emplace_back(edit.first);
  }
  now.insert(now.end(), from, before.end());
  if (complete_) {
    ports_ = value(std::move(now));
  } else {
    filling_ = std::move(now);
  }
}

}  // namespace aemp::core
