#include "core/database.hpp"

#include <algorithm>

#include "data/weight.hpp"

namespace aemp::core {
namespace {

const family_content no_content;
const families no_families;

// Removes a key. A family without keys does not stay in the map.
void remove(families& from, const std::string& family, const std::string& key) {
  const auto found = from.find(family);
  if (found == from.end()) return;
  found->second.erase(key);
  if (found->second.empty()) from.erase(found);
}

const value* find(const families& in, std::string_view family, std::string_view key) {
  const auto f = in.find(family);
  if (f == in.end()) return nullptr;
  const auto k = f->second.find(key);
  return k == f->second.end() ? nullptr : &k->second;
}

bool same(const value& a, const value& b) { return a.type() == b.type() && a == b; }

}  // namespace

std::size_t weight_of(std::string_view key, const value& v) {
  return value_weight::entry + key.size() + v.weight();
}

std::size_t weight_of(const family_content& content) {
  std::size_t sum = 0;
  for (const auto& [key, v] : content) sum += weight_of(key, v);
  return sum;
}

std::size_t weight_of(const families& all) {
  std::size_t sum = 0;
  for (const auto& [family, content] : all) sum += weight_of(content) + value_weight::entry + family.size();
  return sum;
}

const family_content& database::family(std::string_view name) const {
  const auto found = merged_.find(name);
  return found == merged_.end() ? no_content : found->second;
}

const families& database::of(const std::string& owner) const {
  const auto found = owners_.find(owner);
  return found == owners_.end() ? no_families : found->second.content;
}

bool database::has(const std::string& owner, std::string_view family, std::string_view key) const {
  return find(of(owner), family, key) != nullptr;
}

std::size_t database::weight(const std::string& owner) const {
  const auto found = owners_.find(owner);
  return found == owners_.end() ? 0 : found->second.weight;
}

void database::put(holding& of, const std::string& family, const std::string& key, const value& v,
                   family_change& out) {
  value& own = of.content[family].try_emplace(key, v).first->second;
  if (const value* before = find(merged_, family, key); before != nullptr && same(*before, v)) {
    own = v;
    return;
  }
  own = v;
  merged_[family][key] = v;
  out.set[key] = v;
}

void database::take(const std::string& owner, holding& of, const std::string& family, const std::string& key,
                    family_change& out) {
  const value* own = find(of.content, family, key);
  if (own == nullptr) return;
  const value before = *own;
  remove(of.content, family, key);
  const value* shown = find(merged_, family, key);
  if (shown == nullptr) return;
  const bool was_ours = same(*shown, before);
  const value* heir = nullptr;
  for (auto o = owners_.begin(); o != owners_.end() && heir == nullptr; ++o) {
    if (o->first != owner) heir = find(o->second.content, family, key);
  }
  if (heir == nullptr) {
    remove(merged_, family, key);
    out.set.erase(key);
    out.deleted.push_back(key);
  } else if (was_ours && !same(*heir, before)) {
    merged_[family][key] = *heir;
    out.set[key] = *heir;
  }
}

family_change database::update(const std::string& owner, const std::string& family, const family_content& set,
                               std::span<const std::string> deleted) {
  family_change out{family};
  holding& of = owners_[owner];
  const std::size_t name = value_weight::entry + family.size();
  if (!of.content.contains(family) && !set.empty()) of.weight += name;
  const bool had = of.content.contains(family) || !set.empty();
  for (const auto& [key, v] : set) {
    if (const value* before = find(of.content, family, key)) {
      of.weight -= std::min(of.weight, weight_of(key, *before));
    }
    put(of, family, key, v, out);
    of.weight += weight_of(key, v);
  }
  for (const std::string& key : deleted) {
    if (set.contains(key)) continue;
    if (const value* before = find(of.content, family, key)) {
      of.weight -= std::min(of.weight, weight_of(key, *before));
    }
    take(owner, of, family, key, out);
  }
  if (had && !of.content.contains(family)) of.weight -= std::min(of.weight, name);
  if (of.content.empty()) owners_.erase(owner);
  return out;
}

void database::rename(const std::string& owner, const std::string& to) {
  auto found = owners_.extract(owner);
  if (found.empty()) return;
  found.key() = to;
  owners_.insert(std::move(found));
}

void database::move_family(const std::string& owner, const std::string& family, const std::string& to) {
  const auto from = owners_.find(owner);
  if (from == owners_.end()) return;
  auto content = from->second.content.extract(family);
  if (content.empty()) return;
  const std::size_t weight = value_weight::entry + family.size() + weight_of(content.mapped());
  from->second.weight -= std::min(from->second.weight, weight);
  if (from->second.content.empty()) owners_.erase(from);
  holding& into = owners_[to];
  into.weight = weight;
  into.content.insert(std::move(content));
}

std::vector<family_change> database::replace(const std::string& owner, const families& content) {
  std::vector<family_change> out;
  const auto change = [&](const std::string& family, const family_content& set,
                          const std::vector<std::string>& deleted) {
    family_change c = update(owner, family, set, deleted);
    if (!c.empty()) out.push_back(std::move(c));
  };
  const families before = of(owner);
  for (const auto& [family, keys] : before) {
    const auto now = content.find(family);
    std::vector<std::string> gone;
    for (const auto& [key, v] : keys) {
      if (now == content.end() || !now->second.contains(key)) gone.push_back(key);
    }
    if (!gone.empty()) change(family, {}, gone);
  }
  for (const auto& [family, keys] : content) change(family, keys, {});
  return out;
}

}  // namespace aemp::core
