#include "mesh/estates.hpp"

#include <vector>

namespace aemp::mesh {
namespace {

std::vector<std::string> keys_of(const core::families& all, const std::string& family) {
  std::vector<std::string> keys;
  if (const auto found = all.find(family); found != all.end()) {
    for (const auto& [key, v] : found->second) keys.push_back(key);
  }
  return keys;
}

}  // namespace

// Only connected nodes say which nodes are global, so an estate does not include that.
void estates::open(const std::string& owner, term ends, core::duration after) {
  if (const auto globals = keys_of(all_.of(owner), "'g"); !globals.empty()) remove(owner, "'g", globals);
  if (all_.of(owner).empty()) return;
  const std::string name = "~" + std::to_string(++made_);  // sorts behind the names of all sources
  all_.rename(owner, name);
  estate& made = *open_.emplace(name, std::make_unique<estate>()).first->second;
  made.ends = ends;
  if (ends == term::for_a_time) made.timer.start(worker_, after, [this, name] { close(std::string(name)); });
}

// Telling a change may end a connection, which opens or closes estates. So callers walk through a copy.
std::vector<std::string> estates::names() const {
  std::vector<std::string> list;
  for (const auto& [name, e] : open_) list.push_back(name);
  return list;
}

void estates::remove(const std::string& owner, const std::string& family, std::span<const std::string> keys) {
  const core::family_change c = all_.update(owner, family, {}, keys);
  if (!c.empty()) changed_(c);
}

void estates::claim(const std::string& family, const core::family_content& set,
                    std::span<const std::string> deleted) {
  for (const std::string& name : names()) {
    std::vector<std::string> keys;
    for (const auto& [key, v] : set) {
      if (all_.has(name, family, key)) keys.push_back(key);
    }
    for (const std::string& key : deleted) {
      if (all_.has(name, family, key)) keys.push_back(key);
    }
    if (!keys.empty()) remove(name, family, keys);
  }
}

void estates::bury(const std::string& node) {
  for (const std::string& name : names()) {
    std::vector<std::string> families;
    for (const auto& [family, content] : all_.of(name)) families.push_back(family);
    for (const std::string& family : families) {
      if (family == "'l") {
        remove(name, family, std::vector{node});
      } else {
        gone_.remove(name, family, node + "#");
      }
    }
  }
}

void estates::settle(const std::string& family) {
  for (const std::string& name : names()) gone_.remove(name, family);
}

void estates::settle(term which) {
  for (const std::string& name : names()) {
    const auto found = open_.find(name);
    if (found != open_.end() && found->second->ends == which) close(name);
  }
}

void estates::close(const std::string& estate) {
  open_.erase(estate);
  gone_.remove(estate);
}

}  // namespace aemp::mesh
