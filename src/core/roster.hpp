// The members of a group as its monitors get them: a list of ports in the order of their texts, which follows
// what becomes different. A monitor of a large group so costs a copy of the list for each lot of changes, not
// a look at every key; and the list is filled in parts, so that nothing waits for a large one.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <aemp/port_id.hpp>

#include "core/database.hpp"

namespace aemp::core {

// The port that a key is. What is no port ID cannot be a member of a group, whoever says so.
std::optional<port_id> member_of(std::string_view key);
inline bool is_port_key(std::string_view key) { return member_of(key).has_value(); }

class roster {
 public:
  // Takes in the next so many keys of the group. True: these were the last.
  bool fill(const family_content& group, std::size_t most);
  // What has become different since; of what is not filled in yet, fill() will see it.
  void change(const std::set<std::string>& added, const std::set<std::string>& deleted);

  const value& ports() const noexcept { return ports_; }  // when it is filled

 private:
  bool is_behind(const std::string& key) const { return !complete_ && (last_.empty() || key > last_); }

  value::array filling_;
  value ports_ = value(value::array());
  std::string last_;  // key that was taken in
  bool complete_ = false;
};

}  // namespace aemp::core
