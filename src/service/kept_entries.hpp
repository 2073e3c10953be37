// Keeps keys of the database for other nodes, so that the keys outlive those (docs/protocol.md, "Kept keys").
// They call functions for it, by the names that the original lets others call. A `secure` node does not offer
// them.
//
// Belongs to the network worker.
#pragma once

#include <map>
#include <string>
#include <utility>

#include <aemp/group.hpp>

#include "core/extension.hpp"
#include "core/local_node.hpp"

namespace aemp::service {

class kept_entries final : public core::extension {
 public:
  static constexpr const char* set_name = "AnyEvent::MP::Kernel::db_set";
  static constexpr const char* erase_name = "AnyEvent::MP::Kernel::db_del";
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;  // of all that is kept, roughly

  explicit kept_entries(detail::local_node& node);
  void shut_down() noexcept override { kept_.clear(); }

 private:
  struct kept {
    registration entry;
    std::size_t weight;
  };

  void set(const message& arguments, const std::string& from);
  void erase(const message& arguments);

  detail::local_node& node_;
  group_functions api_;
  std::map<std::pair<std::string, std::string>, kept> kept_;  // by family and key
  std::size_t weight_ = 0;
};

}  // namespace aemp::service
