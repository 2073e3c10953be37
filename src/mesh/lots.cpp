#include "mesh/lots.hpp"

#include <algorithm>
#include <string_view>

#include "core/words.hpp"
#include "mesh/elements.hpp"

namespace aemp::mesh {
namespace {

// What a lot still has room for.
struct room {
  explicit room(std::size_t most) : max_message(most), bytes(std::min(bytes_in_a_lot, most / 2)) {}

  // Beside the entry, the message holds the family's name and two bookmarks.
  bool can_be_told(std::string_view key, std::size_t size) const {
    return size + 3 * key.size() + 2 * core::longest_name < max_message;
  }
  bool take(std::size_t size) {
    if (keys == 0 || (size > bytes && keys != keys_in_a_lot)) return false;
    --keys;
    bytes -= std::min(bytes, size);
    return true;
  }

  const std::size_t max_message;
  std::size_t keys = keys_in_a_lot;
  std::size_t bytes;
  std::size_t left_out = 0;
};

auto behind(const core::family_content& all, const std::optional<std::string>& after) {
  return after ? all.upper_bound(*after) : all.begin();
}

// Returns the last key that fitted; nothing if all did.
std::optional<std::string> fill(core::family_content& out, const core::family_content& all,
                                const std::optional<std::string>& after, room& left) {
  for (auto at = behind(all, after); at != all.end(); ++at) {
    const std::size_t size = core::weight_of(at->first, at->second);
    if (!left.can_be_told(at->first, size)) {
      ++left.left_out;
      continue;
    }
    if (!left.take(size)) return out.empty() ? after.value_or("") : out.rbegin()->first;
    out.emplace_hint(out.end(), *at);
  }
  return {};
}

template <class F>
void for_each_in(const core::family_content& has, const range<std::string>& keys, F&& f) {
  const auto end = keys.upto ? has.upper_bound(*keys.upto) : has.end();
  for (auto at = behind(has, keys.after); at != end; ++at) f(*at);
}

// Calls `f` with each family in the range, its content and the range of its keys, until `f` returns false.
template <class F>
void for_each_part(const core::families& has, const range<bookmark>& marks, F&& f) {
  const auto& [after, upto] = marks;
  auto at = after ? has.lower_bound(after->first) : has.begin();
  for (; at != has.end() && (!upto || at->first <= upto->first); ++at) {
    range<std::string> keys;
    if (after && at->first == after->first) keys.after = after->second;
    if (upto && at->first == upto->first) keys.upto = upto->second;
    if (!f(at->first, at->second, keys)) return;
  }
}

std::vector<std::string> missing(const core::family_content& has, const core::family_content& content,
                                 const range<std::string>& keys) {
  std::vector<std::string> out;
  for_each_in(has, keys, [&](const auto& entry) {
    if (!content.contains(entry.first)) out.push_back(entry.first);
  });
  return out;
}

}  // namespace

value value_of(const std::optional<bookmark>& p) {
  return p ? value(value::array{value(p->first), value(p->second)}) : value();
}

std::optional<bookmark> bookmark_in(const value& v) {
  if (v.type() != value::kind::array || v.size() != 2) return {};
  const auto family = core::word_in(v.elements()[0], core::is_name);
  if (!family || !v.elements()[1].is_text() || v.elements()[1].text().size() > core::longest_key) return {};
  return bookmark(*family, v.elements()[1].text());
}

family_lot next_lot(const core::family_content& all, std::optional<std::string> after,
                    std::size_t max_message) {
  family_lot out;
  room left(max_message);
  out.keys.upto = fill(out.content, all, after, left);
  out.left_out = left.left_out;
  out.keys.after = std::move(after);
  return out;
}

lot next_lot(const core::families& all, std::optional<bookmark> after, std::size_t max_message) {
  lot out;
  room left(max_message);
  const range<bookmark> rest{std::move(after), {}};
  for_each_part(all, rest, [&](const std::string& family, const core::family_content& has, const auto& keys) {
    core::family_content part;
    if (auto upto = fill(part, has, keys.after, left)) out.marks.upto = bookmark(family, std::move(*upto));
    if (!part.empty()) out.content.emplace(family, std::move(part));
    return !out.marks.upto;
  });
  out.marks.after = rest.after;
  out.left_out = left.left_out;
  return out;
}

pieces in_pieces(const core::family_change& c, std::size_t max_message) {
  pieces out;
  family_lot part;
  do {
    part = next_lot(c.set, part.keys.upto, max_message);
    out.left_out += part.left_out;
    if (!part.content.empty()) out.changes.push_back({c.family, std::move(part.content), {}});
  } while (part.keys.upto);
  for (auto at = c.deleted.begin(); at != c.deleted.end();) {
    room left(max_message);
    core::family_change piece{c.family};
    for (; at != c.deleted.end() && left.take(core::weight_of(*at, value())); ++at)
      piece.deleted.push_back(*at);
    out.changes.push_back(std::move(piece));
  }
  return out;
}

std::vector<std::string> missing(const core::family_content& has, const family_lot& l) {
  return missing(has, l.content, l.keys);
}

std::vector<core::family_change> changes(const core::families& has, const lot& l) {
  std::vector<core::family_change> out;
  for_each_part(has, l.marks,
                [&](const std::string& family, const core::family_content& keys, const auto& part) {
                  static const core::family_content nothing;
                  const auto in = l.content.find(family);
                  auto gone = missing(keys, in == l.content.end() ? nothing : in->second, part);
                  if (!gone.empty()) out.push_back({family, {}, std::move(gone)});
                  return true;
                });
  for (const auto& [family, content] : l.content) out.push_back({family, content, {}});
  return out;
}

std::size_t weight_in(const core::family_content& has, const range<std::string>& keys) {
  std::size_t sum = 0;
  for_each_in(has, keys, [&](const auto& entry) { sum += core::weight_of(entry.first, entry.second); });
  return sum;
}

std::size_t weight_in(const core::families& has, const range<bookmark>& marks) {
  std::size_t sum = 0;
  for_each_part(has, marks, [&](const std::string&, const core::family_content& keys, const auto& part) {
    sum += weight_in(keys, part);
    return true;
  });
  return sum;
}

}  // namespace aemp::mesh
