// The names that ports of a node have beside their numbers: names that the program chose, and names that other nodes gave
// to ports that they spawn here.
//
// A name may pass from port to port. A port that has been killed keeps its name until it ends; meanwhile the name may be
// given to a new port. From then on the name means the new port, except in the dying port, where it still means that
// port.
//
// Any thread. Cost: a lock and a look-up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/guarded.hpp"

namespace aemp::core {

class port_names {
 public:
  // `running`: the port that asks, zero when it is none.
  std::optional<std::uint64_t> find(std::string_view name, std::uint64_t running) const;

  // The port of that name. If there is none, or it is about to end, make() gives the number of a new port, and the
  // second value is true.
  std::pair<std::uint64_t, bool> find_or_add(std::string_view name, std::uint64_t running,
                                             const std::function<std::uint64_t()>& make);

  void will_end(std::string_view name, std::uint64_t number);
  void has_ended(std::string_view name, std::uint64_t number);

 private:
  // Of the ports that have a name, all but the last are about to end.
  struct holder {
    std::uint64_t number;
    bool ends = false;
  };
  static const holder* find_in(const std::vector<holder>& holders, std::uint64_t number) noexcept;

  shared_guarded<std::map<std::string, std::vector<holder>, std::less<>>> names_;
};

}  // namespace aemp::core
