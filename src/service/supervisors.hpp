// All supervisors of a node, for those who look from outside (service/inspect).
#pragma once

#include <vector>

#include <aemp/port_id.hpp>

#include "core/extension.hpp"
#include "core/guarded.hpp"

namespace aemp::service {

class supervisors final : public core::extension {
 public:
  void shut_down() noexcept override {}
  void add(const port_id& p) { all_.lock()->push_back(p); }
  void remove(const port_id& p) { std::erase(*all_.lock(), p); }
  std::vector<port_id> all() const { return *all_.lock(); }

 private:
  core::guarded<std::vector<port_id>> all_;
};

}  // namespace aemp::service
