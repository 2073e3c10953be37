// The names that ports of a node have beside their numbers: those that a program chose, and those that other
// nodes gave to the ports that they spawn here.
//
// A name may pass from port to port. Between the moment when a port's end was asked for and its end, the name
// belongs to it and to the next port already: whoever gives the name to a port then means another one, and
// whoever uses it means that one; only the dying port itself still finds itself by it.
//
// Any thread. Cost: a lock and a look-up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aemp::core {

class port_names {
 public:
  // `running`: the port that asks, zero when it is none.
  std::optional<std::uint64_t> find(std::string_view name, std::uint64_t running) const;

  // The port of that name. When there is none, or it is about to end, make() gives the number of a new one,
  // and the second is true.
  std::pair<std::uint64_t, bool> find_or_add(std::string_view name, std::uint64_t running,
                                             const std::function<std::uint64_t()>& make);

  void will_end(std::string_view name, std::uint64_t number);
  void has_ended(std::string_view name, std::uint64_t number);

 private:
  // All but the last are about to end.
  struct holder {
    std::uint64_t number;
    bool ends = false;
  };
  static const holder* find_in(const std::vector<holder>& holders, std::uint64_t number) noexcept;

  mutable std::shared_mutex mutex_;
  std::map<std::string, std::vector<holder>, std::less<>> names_;
};

}  // namespace aemp::core
