#include "mesh/removals.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "mesh/lots.hpp"

namespace aemp::mesh {

void removals::remove(const std::string& owner) {
  const std::string name = new_name();
  from_.rename(owner, name);
  begin({name, {}, {}});
}

void removals::remove(const std::string& owner, const std::string& family) {
  const std::string name = new_name();
  from_.move_family(owner, family, name);
  begin({name, {}, {}});
}

void removals::remove(const std::string& owner, const std::string& family, const std::string& prefix) {
  begin({owner, family, prefix});
}

// The first portion is taken out now, unless other removals wait.
void removals::begin(work w) {
  if (waiting_.empty() && take_out(w)) return;
  waiting_.push_back(std::move(w));
  if (!next_.running()) next_.start(worker_, core::duration::zero(), [this] { go_on(); });
}

void removals::go_on() {
  const work now = std::move(waiting_.front());
  waiting_.pop_front();
  if (!take_out(now)) waiting_.push_front(now);
  if (!waiting_.empty()) return next_.start(worker_, core::duration::zero(), [this] { go_on(); });
  if (done_) done_();
}

bool removals::has(const std::string& family) const {
  return std::ranges::any_of(waiting_, [&](const work& w) {
    return (w.family.empty() || w.family == family) && from_.of(w.owner).contains(family);
  });
}

// Takes out at most as many keys as a lot has. True: that was all. The keys are collected first, because
// telling a change may do anything to the database.
bool removals::take_out(const work& w) {
  std::map<std::string, std::vector<std::string>> out;
  std::size_t taken = 0;
  bool is_all = true;
  for (const auto& [family, content] : from_.of(w.owner)) {
    if (!w.family.empty() && family != w.family) continue;
    auto at = content.lower_bound(w.prefix);
    for (; at != content.end() && at->first.starts_with(w.prefix) && taken < keys_in_a_lot; ++at, ++taken)
      out[family].push_back(at->first);
    is_all = at == content.end() || !at->first.starts_with(w.prefix);
    if (!is_all) break;
  }
  for (const auto& [family, keys] : out) {
    const core::family_change c = from_.update(w.owner, family, {}, keys);
    if (!c.empty()) changed_(c);
  }
  return is_all;
}

}  // namespace aemp::mesh
