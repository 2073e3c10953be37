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

// Who is global, is said by those who are connected: nobody inherits that.
void estates::open(const std::string& owner, term ends, core::duration after) {
  core::families left = all_.of(owner);
  left.erase("'g");
  if (!left.empty()) {
    const std::string name = "~" + std::to_string(++made_);  // behind all sources
    estate& made = *open_.emplace(name, std::make_unique<estate>()).first->second;
    for (const core::family_change& c : all_.replace(name, left)) happened_(c);
    made.ends = ends;
    if (ends == term::for_a_time)
      made.timer.start(worker_, after, [this, name] { close(std::string(name)); });
  }
  for (const core::family_change& c : all_.replace(owner, {})) happened_(c);
}

// What is told of a change may end a connection, and so open and close estates.
std::vector<std::string> estates::names() const {
  std::vector<std::string> list;
  for (const auto& [name, e] : open_) list.push_back(name);
  return list;
}

void estates::remove(const std::string& estate, const std::string& family,
                     std::span<const std::string> keys) {
  const core::family_change c = all_.update(estate, family, {}, keys);
  if (!c.empty()) happened_(c);
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
    std::map<std::string, std::vector<std::string>> gone;
    for (const auto& [family, content] : all_.of(name)) {
      for (const auto& [key, v] : content) {
        if (family == "'l" ? key == node : is_port_of(key, node)) gone[family].push_back(key);
      }
    }
    for (const auto& [family, keys] : gone) remove(name, family, keys);
  }
}

void estates::settle(const std::string& family) {
  for (const std::string& name : names()) {
    if (const auto keys = keys_of(all_.of(name), family); !keys.empty()) remove(name, family, keys);
  }
}

void estates::settle(term which) {
  for (const std::string& name : names()) {
    const auto found = open_.find(name);
    if (found != open_.end() && found->second->ends == which) close(name);
  }
}

void estates::close(const std::string& estate) {
  for (const core::family_change& c : all_.replace(estate, {})) happened_(c);
  open_.erase(estate);
}

}  // namespace aemp::mesh
