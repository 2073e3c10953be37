// The members of a group as its monitors get them: a list of ports in the order of their texts. It follows the changes of
// the group, so a lot of changes costs a monitor a copy of the list, not a look at every key. The list is filled in
// parts, so that nothing waits for a large group.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <aemp/port_id.hpp>

#include "core/database.hpp"

namespace aemp::core {

// The port whose ID the key is. A key that is no port ID is no member of a group.
std::optional<port_id> member_of(std::string_view key);
inline bool is_port_key(std::string_view key) { return member_of(key).has_value(); }

class roster {
 public:
  // Takes in the next keys of the group, `most` at most. True: these were the last.
  bool fill(const family_content& group, std::size_t most);
  // The group has changed. A change behind the part that is filled is left to fill().
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
