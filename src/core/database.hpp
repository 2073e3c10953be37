// The database of groups as data (aemp-protocol I.5): families of keys with values, as several owners have them, and the
// merge of all. A group is a family whose keys are port IDs, so to register a port is to set a key.
//
// In the merge a key has the value that was set last. When its owner deletes it and other owners have the key too, the
// value of the first of them, in the order of their names, takes its place. No I/O, no locks. Cost of a change:
// logarithmic; of a deletion, also the number of owners.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <aemp/value.hpp>

namespace aemp::core {

using family_content = value::map;  // key to value
using families = std::map<std::string, family_content, std::less<>>;

// How one family changed.
struct family_change {
  std::string family;
  family_content set = {};
  std::vector<std::string> deleted = {};

  bool empty() const noexcept { return set.empty() && deleted.empty(); }
};

class database {
 public:
  // Sets and deletes keys of an owner. Returns what changed in the merge: nothing for a value that is set again.
  family_change update(const std::string& owner, const std::string& family, const family_content& set,
                       std::span<const std::string> deleted = {});
  // An owner has this content, and nothing else. Empty content: the owner is forgotten.
  std::vector<family_change> replace(const std::string& owner, const families& content);
  std::vector<family_change> forget(const std::string& owner) { return replace(owner, {}); }

  // Gives all that an owner has, or one family of it, to an owner that does not exist yet. The merge stays as it is.
  // Cost: two look-ups; for a family also its size, once.
  void rename(const std::string& owner, const std::string& to);
  void move_family(const std::string& owner, const std::string& family, const std::string& to);

  const families& merged() const noexcept { return merged_; }
  const family_content& family(std::string_view name) const;  // of the merge; empty when there is none
  const families& of(const std::string& owner) const;         // empty when it is unknown
  bool has(const std::string& owner, std::string_view family, std::string_view key) const;

  // Bytes that an owner's entries take, roughly, with the names of its families.
  std::size_t weight(const std::string& owner) const;

 private:
  struct holding {
    families content;
    std::size_t weight = 0;
  };

  void put(holding& of, const std::string& family, const std::string& key, const value& v,
           family_change& out);
  void take(const std::string& owner, holding& of, const std::string& family, const std::string& key,
            family_change& out);

  std::map<std::string, holding> owners_;
  families merged_;
};

std::size_t weight_of(std::string_view key, const value& v);  // of an entry
std::size_t weight_of(const family_content& content);
std::size_t weight_of(const families& all);  // with the families' names

}  // namespace aemp::core
